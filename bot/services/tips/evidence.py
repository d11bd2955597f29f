"""What a victim of fraud told in answer to the questions, as CyberPol needs it: fields and files, nothing inferred."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from bot.errors import NotFound
from bot.services.media import MediaView
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips.records import TipRecords
from bot.services.tips.views import NOTE, PartDraft, TipView
from bot.store.media import Media
from bot.store.officers import Officer
from bot.store.tips import Evidence, Tip, TipPart
from bot.terms import NoticeKind, PartKind

FIELDS = ("when", "sum", "account", "link", "bank")  # in the order of asking
LONGEST = 500  # characters of one answer
PDF, JSON = "application/pdf", "application/json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One tip with what was told and sent; `files` beside the parts of the tip they came in."""

    tip: TipView
    facts: Mapping[str, str]
    files: tuple[MediaView, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that its holder has asked for and nobody has made yet."""

    media_id: int
    tip_id: int
    part_id: int
    resident_id: int | None
    is_pdf: bool


class EvidencedTips(TipRecords):
    def _evidence(self, tip: Tip, facts: Mapping[str, str]) -> None:
        """Sealed; only the known fields, none that was skipped."""
        kept = {name: facts[name][:LONGEST] for name in FIELDS if facts.get(name)}
        if not kept:
            return
        row = Evidence(id=tip.id)
        row.facts = kept
        self._session.add(row)

    async def evidence(self, officer: OfficerView | None, tip_id: int) -> Bundle:
        """For its holder; `officer` is empty for the command line, which sees no restricted tip. Raises NotFound.

        Giving it out is written down."""
        tip = await self._session.get(Tip, tip_id) if officer is None else await self._held_tip(officer, tip_id)
        if tip is None or (officer is None and tip.is_restricted):
            raise NotFound
        self._event(tip, "exported", officer)
        await self._audit.write("evidence.exported", officer, f"tip:{tip.id}")
        return await self.bundle(tip.id)

    async def bundle(self, tip_id: int) -> Bundle:
        """For whoever has asked who may have it."""
        tip = await self._session.get(Tip, tip_id)
        if tip is None:
            raise NotFound
        view = await self._view(tip, parts=True)
        said = tuple(part for part in view.parts if part.purpose != NOTE)  # notes of staff stay with staff
        row = await self._session.get(Evidence, tip.id)
        media = [await self._shelf.get(part.media_id) for part in said if part.media_id]
        facts = dict(row.facts or {}) if row is not None else {}
        files = tuple(item for item in media if item)
        return Bundle(replace(view, parts=said), facts, files)

    async def want_bundle(self, officer: OfficerView, tip_id: int, speaker: Person) -> int:
        """Asks for both files; they follow the card to this officer alone, and stand among its notes. The number."""
        tip = await self._held_tip(officer, tip_id)
        self._event(tip, "exported", officer)
        await self._audit.write("evidence.exported", officer, f"tip:{tip.id}")
        for mime in (PDF, JSON):
            media_id = self._shelf.make(speaker.messenger, mime)
            part = self._add_part(tip, PartDraft(PartKind.DOCUMENT, f"№ {tip.number}"), NOTE, speaker, officer)
            part.media_id = media_id
        return tip.number

    async def wanted_bundles(self, limit: int = 8) -> list[Wanted]:
        query = (
            select(Media.id, Media.mime, TipPart.tip_id, TipPart.id, Officer.resident_id)
            .join(TipPart, TipPart.media_id == Media.id)
            .join(Officer, Officer.id == TipPart.officer_id)
            .where(Media.state == "making")
            .order_by(Media.id)
            .limit(limit)
        )
        return [Wanted(media, tip, part, resident, mime == PDF) for media, mime, tip, part, resident in
                await self._session.execute(query)]  # fmt: skip

    async def bundle_made(self, item: Wanted, digest: bytes, size: int) -> None:
        """On its way to who asked for it."""
        media = await self._session.get_one(Media, item.media_id)
        if media.state != "making":
            return
        media.state, media.digest, media.size = "stored", digest, size
        if item.resident_id is not None:
            to = Recipient(resident_id=item.resident_id)
            await self._notices.promise(Promise(NoticeKind.CARD_PART, to, tip_id=item.tip_id, part_id=item.part_id))
