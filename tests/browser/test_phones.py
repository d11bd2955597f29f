"""The three flows as a newcomer plays them: phones in the browser, driven by chromium. Screenshots are kept."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
SHOTS = Path(os.environ.get("KORSHI_TEST_SCREENSHOTS", "var/screenshots"))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is required in CI")
        pytest.skip("no chromium on this machine (on Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        await browser.close()


def starting(label: str) -> "re.Pattern[str]":
    """A button with these words, an icon before them or not; "Приреч…" is enough of a long one."""
    words, more, _ = label.partition("…")
    return re.compile(rf"^\W*{re.escape(words)}{'' if more else '$'}")


class Phone:
    """One phone of the page."""

    def __init__(self, page: Page, pid: str) -> None:
        self.page, self.frame = page, page.locator(f'[data-phone="{pid}"]')

    async def says(self, text: str) -> None:
        await self.frame.get_by_test_id("composer").fill(text)
        await self.frame.get_by_test_id("send").click()

    async def presses(self, label: str) -> None:
        await self.frame.get_by_test_id("button").filter(has_text=starting(label)).last.click()

    async def types_key(self, label: str) -> None:
        await self.frame.get_by_test_id("key").filter(has_text=starting(label)).last.click()

    async def hears(self, words: str) -> None:
        said = self.frame.locator('[data-testid="message"][data-from="bot"]').filter(has_text=words)
        await expect(said.last).to_be_visible(timeout=15_000)

    async def count_of(self, words: str) -> int:
        return await self.frame.locator('[data-testid="message"][data-from="bot"]').filter(has_text=words).count()

    async def hears_again(self, words: str, before: int) -> None:
        said = self.frame.locator('[data-testid="message"][data-from="bot"]').filter(has_text=words)
        await expect(said).to_have_count(before + 1, timeout=20_000)

    async def number_of(self, label: str) -> str:
        """The number a WhatsApp menu gave to this choice."""
        texts = await self.frame.locator('[data-testid="message"][data-from="bot"]').all_inner_texts()
        for text in reversed(texts):
            for line in text.splitlines():
                number, dot, words = line.partition(". ")
                if dot and number.strip().isdecimal() and label in words:
                    return number.strip()
        raise AssertionError(f"no numbered choice «{label}»")


async def opened(browser: Browser, stage: Stage, *pids: str) -> tuple[Page, list[Phone]]:
    page = await browser.new_page(viewport={"width": 1760, "height": 980}, locale="ru")
    await page.goto(f"{stage.stand.url}/?open={','.join(pids)}&lang=ru")
    await page.wait_for_selector("html[data-ready]")
    return page, [Phone(page, pid) for pid in pids]


async def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")


async def test_a_tip_played_in_the_browser(stage: Stage, browser: Browser) -> None:
    page, (resident, inspector) = await opened(browser, stage, "t1302", "t2001")
    await resident.says("/start")
    await resident.presses("Русский")
    await resident.presses("Даю согласие")
    await resident.presses("Список")
    await resident.presses("Приреч…")
    await resident.presses("101…")
    await resident.presses("Получать предупреждения")
    await resident.presses("Сообщить")
    await resident.presses("Порядок во дворе")
    await resident.presses("Ночной шум")
    await resident.says("Музыка после полуночи, третий подъезд")
    await resident.hears("Записано")
    await resident.presses("Готово")
    await resident.types_key("На моём участке")
    await resident.presses("Отправить без имени")
    await resident.presses("Отправить")
    await resident.hears("Сообщение принято. Номер:")
    await inspector.hears("Музыка после полуночи")
    await inspector.presses("Жұмысқа алу")
    await resident.hears("взято в работу")
    await inspector.presses("Жіберушіге жауап беру")
    await inspector.says("Бүгін кешке барамын.")
    await resident.hears("Бүгін кешке барамын.")
    await shot(page, "tip")
    await page.close()


async def test_a_warning_played_in_the_browser(stage: Stage, browser: Browser) -> None:
    page, phones = await opened(browser, stage, "t2001", "-1001000000001", "w77000000020", "t1002")
    inspector, chat, on_whatsapp, on_telegram = phones
    await inspector.says("/warning")
    await inspector.presses("«Қауіпсіз шот»")
    await inspector.presses("Өткізіп жіберу")
    await inspector.hears("WhatsApp")
    await inspector.presses("Жіберу")
    await chat.hears("«Безопасный счёт»")
    await chat.hears("«Қауіпсіз шот»")
    await on_whatsapp.hears("«Безопасный счёт»")
    await on_telegram.hears("«Қауіпсіз шот»")
    await inspector.hears("Жіберу аяқталды")
    await shot(page, "warning")
    await page.close()


async def test_a_campaign_played_in_the_browser(stage: Stage, browser: Browser) -> None:
    page, (staff, second, resident) = await opened(browser, stage, "t2025", "t2026", "t1049")
    await staff.says("/campaigns")
    await staff.presses("Жаңа науқан")
    await staff.presses("«Қауіпсіз шот»")
    await staff.presses("Өткізіп жіберу")
    await staff.presses("Бір рет")
    await staff.presses("Ертең, 10:00")
    await staff.hears("10:00")
    await staff.presses("Бекітуге жіберу")
    await second.presses("Қарап, шешу")
    await second.presses("Бекіту")
    await second.hears("Бекітілді.")
    before = await resident.count_of("«Безопасный счёт»")
    now = stage.clock.now()
    tomorrow = now.astimezone(ZoneInfo("Asia/Almaty")) + timedelta(days=1)
    ahead = tomorrow.replace(hour=10, minute=1) - now
    stage.clock.shift += ahead
    try:
        await resident.hears_again("«Безопасный счёт»", before)
        await shot(page, "campaign")
    finally:
        stage.clock.shift -= ahead
    await page.close()
