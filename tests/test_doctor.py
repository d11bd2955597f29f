"""The doctor, against the stand-ins: what it finds well, what it finds wrong, what it never says."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from babel.support import NullTranslations

from bot.clock import SystemClock
from bot.doctor import REASONS, Finding, examine, messengers, patience
from bot.doctor.machine import LATE_KINDS, PROMPT_KINDS
from bot.services.templates import read_templates
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.terms import Language, NoticeKind
from simulator.app import Running, running
from simulator.settings import Settings as StandSettings
from tests.stage import ACCOUNT, AUTH, KEY, PEPPER, SECRET, SENDER, TOKEN, free_port

FOR_OFFICERS = {
    NoticeKind.CARD,
    NoticeKind.CARD_PART,
    NoticeKind.CARD_ADDED,
    NoticeKind.CARD_RATED,
    NoticeKind.CARD_LEFT,
    NoticeKind.CARD_TIME,
    NoticeKind.ROSTER,
    NoticeKind.WARNING_PROGRESS,
    NoticeKind.WARNING_REVIEW,
    NoticeKind.WARNING_RETURNED,
    NoticeKind.CAMPAIGN_GONE,
}
ROOT = Path(__file__).parent.parent
PUBLIC = "http://127.0.0.1:9"


class FixedClock(SystemClock):
    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


@pytest.fixture
async def stand() -> AsyncIterator[Running]:
    settings = StandSettings(port=0, account_sid=ACCOUNT, auth_token=AUTH, whatsapp_sender=f"whatsapp:{SENDER}")
    async with running(settings) as stand:
        yield stand


@pytest.fixture
def place(tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with the demo database and the demo's templates; no messenger is on."""
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    (tmp_path / "templates.toml").write_bytes(Path("demo/templates.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in [name for name in os.environ if name.startswith("KORSHI_") or name in ("LC_ALL", "LC_MESSAGES")]:
        monkeypatch.delenv(name)
    set_all(monkeypatch, database_url="sqlite+aiosqlite:///korshi.db", secret_keys=KEY, pepper=PEPPER)
    return tmp_path


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"KORSHI_{name.upper()}", value)


def switch_on(monkeypatch: pytest.MonkeyPatch, url: str, **more: str) -> None:
    telegram = {"telegram_token": TOKEN, "telegram_api_url": url, "telegram_webhook_secret": SECRET}
    twilio = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": AUTH, "twilio_whatsapp_from": SENDER}
    set_all(monkeypatch, **(telegram | twilio | {"twilio_api_url": url, "public_url": PUBLIC} | more))


def faults(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings if not finding.is_fine]


def said(findings: list[Finding], words: str) -> Finding:
    found = [finding for finding in findings if words in str(finding)]
    assert found, (words, [str(finding) for finding in findings])
    return found[0]


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentences are compared as the code has them; one test looks at the languages."""
    if "speaks" not in request.node.name:
        monkeypatch.setattr("bot.i18n._catalog", lambda _language: NullTranslations())


async def call(stand: Running, method: str, **parameters: Any) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stand.url}/bot{TOKEN}/{method}", json=parameters) as answer,
    ):
        assert answer.status == 200, await answer.text()


# -- well


async def test_everything_is_off_and_that_is_no_fault(place: Path) -> None:
    findings = await examine()
    assert faults(findings) == []
    assert said(findings, "Telegram is off").is_fine
    assert said(findings, "WhatsApp is off").is_fine


async def test_both_messengers_on_and_well(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, stand.url)
    await call(stand, "setWebhook", url=f"{PUBLIC}/telegram/webhook", secret_token=SECRET)
    findings = await examine()
    assert faults(findings) == []
    assert said(findings, "the bot @korshi_bot answers").is_fine
    assert said(findings, f"the sender is {SENDER}").is_fine
    assert said(findings, "demo department is loaded").is_fine


@pytest.mark.parametrize(("locale", "words"), [("kk_KZ.UTF-8", "Telegram өшірулі"), ("C.UTF-8", "Telegram выключен")])
async def test_it_speaks_the_language_of_the_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch, locale: str, words: str
) -> None:
    monkeypatch.setenv("LANG", locale)
    said(await examine(), words)


def test_a_finding_says_what_and_what_to_do() -> None:
    assert str(Finding(True, "The keys are in place.")) == "✓ The keys are in place."
    assert str(Finding(False, "No database.", "migrate")) == "✗ No database. → migrate"
    assert Finding(False, "a", "b").as_dict() == {"is_fine": False, "what": "a", "advice": "b"}


# -- settings and keys


async def test_a_malformed_setting_ends_the_examination(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, quiet_hours="late")
    findings = await examine()
    assert len(findings) == 1
    assert "KORSHI_QUIET_HOURS: hours are written" in said(findings, "22:00-08:00").what


async def test_a_setting_nobody_reads(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, telegram_tokn="x")
    (place / ".env").write_text("KORSHI_NONSENSE_AT_ALL=1\n", encoding="utf-8")
    findings = await examine()
    assert "did you mean KORSHI_TELEGRAM_TOKEN?" in said(findings, "KORSHI_TELEGRAM_TOKN").advice
    assert ".env.example" in said(findings, "KORSHI_NONSENSE_AT_ALL").advice


async def test_missing_open_and_broken_key_files(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KORSHI_SECRET_KEYS")
    assert "python -m bot keys" in said(await examine(), "There is no key file var/secret_keys").advice
    file = place / "ring"
    set_all(monkeypatch, secret_keys_file=str(file))
    file.write_text(KEY, encoding="ascii")
    file.chmod(0o644)
    assert said(await examine(), "Others on this machine can read").advice == f"chmod 600 {file}"
    file.chmod(0o600)
    assert faults(await examine()) == []
    file.write_text("c2hvcnQ=", encoding="ascii")
    assert not said(await examine(), "KORSHI_SECRET_KEYS holds no whole key").is_fine


@pytest.mark.parametrize("changed", ["secret_keys", "pepper"])
async def test_keys_of_another_installation(place: Path, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    assert faults(await examine()) == []
    set_all(monkeypatch, **{changed: "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="})
    assert not said(await examine(), "The keys do not fit this database").is_fine


# -- the database


async def test_no_database_is_not_made(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, database_url="sqlite+aiosqlite:///nowhere/new.db")
    assert said(await examine(), "There is no database").advice == "python -m bot migrate"
    assert not (place / "nowhere").exists()


async def test_an_empty_database_is_behind(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "empty.db").touch()
    set_all(monkeypatch, database_url="sqlite+aiosqlite:///empty.db")
    assert "python -m bot migrate" in said(await examine(), "its schema is not the one").advice


async def test_a_file_that_is_no_database(place: Path) -> None:
    (place / "korshi.db").write_bytes(b"not a database at all" * 100)
    assert not said(await examine(), "does not answer").is_fine


async def test_a_database_server_that_is_down_keeps_its_password(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql+psycopg://korshi:canary-word@127.0.0.1:{free_port()}/korshi"
    set_all(monkeypatch, database_url=url)
    findings = await examine()
    assert not said(findings, "does not answer").is_fine
    assert "canary-word" not in "".join(map(str, findings))


async def test_demo_data_on_a_real_host(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, telegram_token=TOKEN)
    monkeypatch.setattr(messengers, "_ask", nobody)
    assert not said(await examine(), "Korshi will not start").is_fine


async def test_no_department(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "sqlite+aiosqlite:///bare.db"
    database = Database(url)
    await migrate(database)
    await database.close()
    set_all(monkeypatch, database_url=url)
    assert "load-territory" in said(await examine(), "No department is loaded").advice


# -- time, files, addresses


async def test_old_time_zone_data(place: Path) -> None:
    findings = await examine(FixedClock(datetime(2023, 6, 1, tzinfo=UTC)))  # +06:00 then, as old data say now
    assert "PYTHONTZPATH" in said(findings, "not at +05:00").advice


async def test_catalogs_that_were_not_compiled(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.machine.have_catalogs", lambda: False)
    assert said(await examine(), "are not compiled").advice == "make catalogs"


async def test_a_folder_of_files_that_is_a_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "media").touch()
    set_all(monkeypatch, media_dir="media")
    assert "KORSHI_MEDIA_DIR" in said(await examine(), "cannot be written to").advice


async def test_a_full_disk(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.machine.DISK_BYTES", 1 << 62)
    assert not said(await examine(), "are free on the disk").is_fine


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://korshi.example.kz", "is not https"),
        ("https://korshi.example.kz:8080", "does not deliver to port 8080"),
        ("https://korshi.example.kz:99999", "does not deliver to port"),
    ],
)
async def test_a_public_address_messengers_refuse(
    place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    switch_on(monkeypatch, stand.url, public_url=address)
    assert not said(await examine(), words).is_fine


# -- templates


async def test_missing_templates_are_named(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, stand.url)
    text = (place / "templates.toml").read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if 'kind = "tip_closed"\nlanguage = "kk"' not in block]
    (place / "templates.toml").write_text("\n\n".join(blocks), encoding="utf-8")
    what = said(await examine(), "templates are missing").what
    assert "tip_closed kk" in what
    assert "tip_closed ru" not in what
    (place / "templates.toml").unlink()
    assert "warning kk, warning ru" in said(await examine(), "templates are missing").what


@pytest.mark.parametrize("text", ["[[template]]\nkind = 'nonsense'", "not toml at all ["])
async def test_a_malformed_file_of_templates(
    place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    switch_on(monkeypatch, stand.url)
    (place / "templates.toml").write_text(text, encoding="utf-8")
    assert "templates.example.toml" in said(await examine(), "file of templates cannot be read").advice


def test_the_example_of_templates_lacks_nothing() -> None:
    rows = read_templates(ROOT / "templates.example.toml")
    assert {(row["kind"], row["language"]) for row in rows} == {
        (kind, lang) for kind in LATE_KINDS for lang in Language
    }
    assert all(row["variables"] for row in rows)


def test_every_kind_of_notice_either_needs_a_template_or_does_not() -> None:
    groups = [set(LATE_KINDS), set(PROMPT_KINDS), FOR_OFFICERS]
    assert set.union(*groups) == set(NoticeKind)
    assert sum(map(len, groups)) == len(NoticeKind)


# -- the messengers


async def test_a_token_that_is_not_accepted(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.world.settings.token = TOKEN
    switch_on(monkeypatch, stand.url, telegram_token="4000000000:" + "W" * 35)
    assert "@BotFather" in said(await examine(), "Telegram does not accept the token").advice


async def test_twilio_credentials_that_are_not_accepted(
    place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(monkeypatch, stand.url, twilio_auth_token="wrong")
    assert "KORSHI_TWILIO_AUTH_TOKEN" in said(await examine(), "Twilio does not accept").advice


async def test_nobody_at_the_other_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, f"http://127.0.0.1:{free_port()}")
    findings = await examine()
    assert not said(findings, "Telegram cannot be reached").is_fine
    assert not said(findings, "Twilio cannot be reached").is_fine


async def test_a_server_that_never_answers(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messengers, "CALL_SECONDS", 0.2)
    stand.world.limits.rates.latency_seconds = 5
    switch_on(monkeypatch, stand.url)
    findings = await examine()
    assert not said(findings, "Telegram cannot be reached").is_fine
    assert not said(findings, "Twilio cannot be reached").is_fine


async def test_a_check_that_hangs_is_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(messengers, "_ask", hang)
    set_all(monkeypatch, telegram_token=TOKEN)
    assert "firewall" in said(await examine(), "Telegram: no answer within").advice


async def test_webhook_that_is_not_set_yet(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, stand.url)
    assert "serve" in said(await examine(), "Telegram does not deliver to").advice


async def test_webhook_left_over_while_polling(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, telegram_token=TOKEN, telegram_api_url=stand.url)
    await call(stand, "setWebhook", url="https://old.example.kz/hook")
    assert "old.example.kz" in said(await examine(), "polling gets nothing").what
    await call(stand, "deleteWebhook")
    assert said(await examine(), "(polling)").is_fine


@pytest.mark.parametrize(
    ("me", "info", "words"),
    [
        ({"can_read_all_group_messages": True}, {}, "Privacy mode is off"),
        ({"can_join_groups": False}, {}, "may not be added to groups"),
        ({}, {"pending_update_count": 4000}, "updates wait at Telegram"),
        ({}, {"last_error_message": "Bad Gateway", "last_error_date": 1767268700}, "Bad Gateway"),
    ],
)
async def test_what_telegram_itself_tells(
    place: Path, monkeypatch: pytest.MonkeyPatch, me: dict[str, Any], info: dict[str, Any], words: str
) -> None:
    async def ask(url: str, _headers: object = None) -> tuple[int, dict[str, Any]]:
        return 200, {"result": {"username": "korshi_bot"} | me if url.endswith("getMe") else info}

    monkeypatch.setattr(messengers, "_ask", ask)
    set_all(monkeypatch, telegram_token=TOKEN, telegram_api_url="https://bot.example.kz")
    clock = FixedClock(datetime.fromtimestamp(1767268800, UTC))
    assert not said(await examine(clock), words).is_fine
    assert len(faults(await examine(clock))) == 1


async def test_a_failure_of_yesterday_is_no_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(url: str, _headers: object = None) -> tuple[int, dict[str, Any]]:
        yesterday = {"last_error_message": "Bad Gateway", "last_error_date": 1767268800 - 86_400}
        return 200, {"result": {"username": "korshi_bot"} if url.endswith("getMe") else yesterday}

    monkeypatch.setattr(messengers, "_ask", ask)
    set_all(monkeypatch, telegram_token=TOKEN, telegram_api_url="https://bot.example.kz")
    assert faults(await examine(FixedClock(datetime.fromtimestamp(1767268800, UTC)))) == []


async def test_no_secret_is_ever_said(place: Path, stand: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, stand.url)
    everything = await examine()
    stand.world.settings.token = "1:other"
    everything += await examine()
    switch_on(monkeypatch, f"http://127.0.0.1:{free_port()}")
    everything += await examine()
    switch_on(monkeypatch, "http://no such host/")
    everything += await examine()
    words = "\n".join(map(str, everything))
    for secret in (TOKEN, TOKEN.partition(":")[2], AUTH, KEY, PEPPER, SECRET):
        assert secret not in words


def test_every_reason_of_a_refused_setting_can_be_translated() -> None:
    source = (ROOT / "bot" / "config.py").read_text(encoding="utf-8")
    raised = set(re.findall(r'(?:ValueError\(|_Missing\([\w"]+, )"([^"]+)"', source))
    assert raised
    assert raised == set(REASONS)


async def nobody(_url: str, _headers: object = None) -> tuple[int, dict[str, Any]]:
    return 0, {}


async def hang(_url: str, _headers: object = None) -> tuple[int, dict[str, Any]]:
    await asyncio.sleep(60)
    return 0, {}
