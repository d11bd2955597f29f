"""WhatsApp's templates: looked at every hour, used as the provider says, and at a closed window exactly once."""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import NeedsTemplate, Outcome
from bot.courier.templates import EVERY, SOONER, TemplateWatch
from bot.services.deliveries import Delivery
from bot.services.notices import Promise, Recipient
from bot.services.residents import WHATSAPP_WINDOW
from bot.services.templates import TemplateView, TemplateWord
from bot.services.unit import Units
from bot.speech import Reply
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.templates import Template
from bot.terms import Language, Messenger, NoticeKind
from tests.clocks import FakeClock
from tests.courier.stand_in import StandIn
from tests.courier.test_engine import carried
from tests.services import cast

WHATSAPP = Messenger.WHATSAPP
ONE = '[[template]]\nkind = "{kind}"\nlanguage = "{language}"\ncontent_sid = "{sid}"\nvariables = ["text"]\n'
TABLE = "".join(
    ONE.format(kind="late_reply", language=language, sid=sid) for language, sid in (("kk", "HX1"), ("ru", "HX2"))
)


class Provider:
    """Says of each template what it was told to say, and nothing of the others."""

    def __init__(self, **told: tuple[str, ...]) -> None:
        self.told, self.asked = told, list[list[str]]()

    async def approvals(self, sids: Collection[str]) -> Mapping[str, TemplateWord]:
        self.asked.append(sorted(sids))
        return {sid: TemplateWord(*self.told[sid]) for sid in sids if sid in self.told}


async def load(units: Units, tmp_path: Path, *, checked: bool = False) -> None:
    file = tmp_path / "templates.toml"
    file.write_text(TABLE, encoding="utf-8")
    async with units() as unit:
        await unit.templates.load(file)
        if checked:
            words = {sid: TemplateWord("approved", "utility", "{{1}}.") for sid in ("HX1", "HX2")}
            await unit.templates.checked(words, unit.clock.now())


async def usable(units: Units) -> list[str]:
    async with units.reading() as unit:
        found = [await unit.templates.find(NoticeKind.LATE_REPLY, language) for language in Language]
    return [view.content_sid for view in found if view is not None]


async def test_what_was_never_asked_about_is_not_used_and_called_unknown(units: Units, tmp_path: Path) -> None:
    await load(units, tmp_path)
    assert await usable(units) == []
    assert {row.approval for row in await cast.rows(units, Template)} == {"unknown"}


async def test_until_it_was_asked_about_a_message_waits_and_is_not_lost(
    units: Units, tmp_path: Path, clock: FakeClock
) -> None:
    await load(units, tmp_path)
    await to_whatsapp(units)
    await clock.advance(WHATSAPP_WINDOW.total_seconds() + 1)

    async def claimed() -> list[Delivery]:
        async with units() as unit:
            return await unit.deliveries.claim([item.id for item in await unit.deliveries.waiting(WHATSAPP, [])])

    assert await claimed() == []
    (notice,) = await cast.rows(units, Notice)
    assert (notice.state, notice.error, notice.attempts) == ("due", "unchecked", 0)
    assert await TemplateWatch(Provider(HX1=("approved", ""), HX2=("approved", "")), units).look()
    assert await claimed() == []  # a little later
    await clock.advance(60)
    (ready,) = await claimed()
    assert ready.template is not None
    assert ready.template.content_sid == "HX1"


async def test_the_approved_words_are_kept_and_filled(units: Units, tmp_path: Path) -> None:
    await load(units, tmp_path)
    provider = Provider(HX1=("approved", "utility", "Ескерту: {{1}} Полиция."), HX2=("approved", "utility", ""))
    assert await TemplateWatch(provider, units).look()
    provider.told["HX1"] = ("approved", "utility", "")  # the next time Twilio does not tell them
    assert await TemplateWatch(provider, units).look()
    await load(units, tmp_path)
    async with units.reading() as unit:
        kk = await unit.templates.find(NoticeKind.LATE_REPLY, Language.KK)
        ru = await unit.templates.find(NoticeKind.LATE_REPLY, Language.RU)
    assert kk is not None
    assert ru is not None
    assert kk.filled({"text": "Кодты айтпаңыз {{1}}"}) == "Ескерту: Кодты айтпаңыз {{1}} Полиция."
    assert kk.filled({}) == "Ескерту: – Полиция."
    assert ru.filled({"text": "Не называйте код"}) == ""


@pytest.mark.parametrize("word", ["pending", "rejected", "paused", "disabled", "missing", "unsubmitted", "received"])
async def test_only_what_is_approved_is_used_once_it_was_asked_about(units: Units, tmp_path: Path, word: str) -> None:
    await load(units, tmp_path)
    provider = Provider(HX1=(word, "marketing"), HX2=("approved", "utility"))
    assert await TemplateWatch(provider, units).look()
    assert await usable(units) == ["HX2"]
    provider.told["HX1"] = ("approved", "marketing")
    assert await TemplateWatch(provider, units).look()
    assert await usable(units) == ["HX1", "HX2"]


async def test_what_the_provider_did_not_answer_for_keeps_its_last_word(units: Units, tmp_path: Path) -> None:
    await load(units, tmp_path)
    provider = Provider(HX1=("approved", ""), HX2=("rejected", ""))
    watch = TemplateWatch(provider, units)
    assert await watch.look()
    provider.told.clear()
    assert not await watch.look()
    assert await usable(units) == ["HX1"]
    await load(units, tmp_path)  # a restart reads the file again, and forgets nothing
    assert await usable(units) == ["HX1"]


async def test_it_looks_every_hour_and_sooner_after_a_look_that_failed(
    units: Units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(units, tmp_path)
    provider, rests = Provider(HX1=("approved", "")), list[float]()

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        provider.told["HX2"] = ("approved", "")
        if len(rests) == 3:
            await asyncio.Event().wait()

    monkeypatch.setattr(units.house.clock, "sleep", rest)
    watching = asyncio.ensure_future(TemplateWatch(provider, units).run())
    async with asyncio.timeout(10):
        while len(rests) < 3:
            await asyncio.sleep(0.005)
    watching.cancel()
    assert rests == [SOONER, EVERY, EVERY]
    assert provider.asked == [["HX1", "HX2"]] * 3


async def test_without_templates_nobody_is_asked(units: Units) -> None:
    provider = Provider()
    assert await TemplateWatch(provider, units).look()
    assert provider.asked == []


class Seeing(StandIn):
    """Notes by which template each was sent."""

    def __init__(self) -> None:
        super().__init__(Messenger.WHATSAPP)
        self.templates: list[TemplateView | None] = []

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        self.templates.append(delivery.template)
        return await super().send(delivery, reply, first_number)


async def to_whatsapp(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        facts: dict[str, Any] = {"text": "Сәлем"}
        await unit.notices.promise(Promise(NoticeKind.LATE_REPLY, Recipient(resident_id=person.id), facts=facts))


async def test_a_window_closed_at_the_last_moment_makes_it_a_template_once(units: Units, tmp_path: Path) -> None:
    await load(units, tmp_path, checked=True)
    await to_whatsapp(units)
    channel = Seeing()
    channel.answers["+77010000001"] = [NeedsTemplate()]  # 63016: our own clock thought it open
    (notice,) = await carried(units, channel)
    assert [template and template.content_sid for template in channel.templates] == [None, "HX1"]
    assert (notice.state, notice.attempts) == ("sent", 0)


async def test_the_same_answer_to_a_template_is_the_end(units: Units, tmp_path: Path) -> None:
    await load(units, tmp_path, checked=True)
    await to_whatsapp(units)
    channel = Seeing()
    channel.answers["+77010000001"] = [NeedsTemplate(), NeedsTemplate(), NeedsTemplate()]
    (notice,) = await carried(units, channel)
    assert len(channel.templates) == 2
    assert (notice.state, notice.error) == ("skipped", "no_template")


async def test_a_closed_window_without_a_template_is_told_as_that(units: Units) -> None:
    await to_whatsapp(units)
    channel = Seeing()
    channel.answers["+77010000001"] = [NeedsTemplate()]
    (notice,) = await carried(units, channel)
    assert (notice.state, notice.error) == ("skipped", "no_template")
    assert {endpoint.state for endpoint in await cast.rows(units, Endpoint)} == {"open"}
