"""What has left can still be changed for those who have it."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, and_, case, false, func, insert, literal, not_, select, text, true, update
from sqlalchemy.orm import aliased

from bot.errors import WarningNotOut
from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.warnings.counting import of, word_of
from bot.services.warnings.views import CHUNK, GONE, LASTS, PUBLISHED, WarningView
from bot.services.warnings.watching import WRITTEN, WarningsWatched
from bot.services.warnings.writing import WarningsWritten
from bot.store.notices import CHANGE_OF_WARNING, FORMER_LANGUAGE, Notice, named
from bot.store.residents import Resident
from bot.store.warnings import Correction, Warning
from bot.terms import CorrectionState, Lane, Language, Messenger, NoticeKind, NoticeState

HAVE_IT = (*GONE, NoticeState.UNKNOWN)  # or may have it
told = aliased(Notice, name="told")

_COLUMNS = [
    "kind", "messenger", "lane", "talk", "resident_id", "chat_id", "warning_id", "part_id", "state", "due_at",
    "expires_at", "attempts", "fence", "error", "seal_id", "message_sealed",
]  # fmt: skip


class WarningsChanged(WarningsWritten, WarningsWatched):
    async def to_change(self, officer: OfficerView, warning_id: int) -> WarningView:
        """What a recall or a correction would begin from. Raises NotFound, WarningNotOut."""
        return await self._view(await self._changeable(officer, warning_id))

    async def _changeable(self, officer: OfficerView, warning_id: int) -> Warning:
        row = await self._own(officer, warning_id)
        if row.state not in PUBLISHED or row.recalled_at is not None:
            raise WarningNotOut
        return row

    async def _announce(self, officer: OfficerView, row: Warning, action: str) -> WarningView:
        """An earlier change that has not left is replaced by this one."""
        unsent = update(Notice).where(
            *word_of(row.id, NoticeKind.WARNING_CHANGE), Notice.state == NoticeState.DUE
        )  # fmt: skip
        await self._session.execute(unsent.values(state=NoticeState.CANCELLED, error="replaced"))
        row.change += 1
        row.change_cursor = 0
        await self._audit.write(action, by=officer, subject=f"warning:{row.id}", change=row.change)
        self._after_commit("warnings")
        await self._session.flush()
        return await self._view(row)

    async def changing(self) -> list[int]:
        """Warnings whose change has not been written to all who got them."""
        query = select(Warning.id).where(Warning.change > 0, Warning.change_cursor < WRITTEN).order_by(Warning.id)
        return list(await self._session.scalars(query))

    async def change_span(self, warning_id: int) -> tuple[int, int]:
        """The first and the last notice a change can begin from: two looks along indexes, outside any lock."""
        firsts, lasts = [], []
        for part in ("chats", "people"):
            query = select(func.min(Notice.id), func.max(Notice.id)).where(*of(warning_id, part))
            first, last = (await self._session.execute(query)).one()
            if first is not None:
                firsts.append(first)
                lasts.append(last)
        return min(firsts, default=0), max(lasts, default=0)

    async def spread_change(self, warning_id: int, chunk: int = CHUNK, span: tuple[int, int] | None = None) -> bool:
        """The next notices of a change, for those to whom an older text has left. True when it can go no further now.

        One that is under way with an older text is waited for: the cursor ends only when none is."""
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None or row.change == 0 or row.change_cursor >= WRITTEN:
            return True
        first, last = span or await self.change_span(warning_id)
        start = max(row.change_cursor, first - 1)
        upto = min(start + chunk, last)
        under_way = select(func.min(Notice.id)).where(
            Notice.id > start, Notice.id <= upto, *_with_older_text(row), text("notices.state = 'sending'")
        )
        held: int | None = await self._session.scalar(under_way)
        upto = upto if held is None else held - 1
        if upto > start:
            await self._write_changes(row, start, upto)
            self._after_commit("notices")
        row.change_cursor = WRITTEN if held is None and upto >= last else max(upto, start)
        return held is not None or row.change_cursor == WRITTEN

    async def _write_changes(self, row: Warning, start: int, upto: int) -> None:
        """The seal of the provider's message id is bound to `seal_id`: both are copied, so that it can be edited.

        An edit wakes nobody, so it goes at night too; a new message waits for the morning unless it is urgent."""
        now = self._clock.now()
        lane = Lane.URGENT if row.is_urgent or row.recalled_at else Lane.CAMPAIGN
        is_edit = and_(Notice.messenger == Messenger.TELEGRAM, Notice.message_sealed.is_not(None))
        loud_at = self.goes_at(is_urgent=row.is_urgent)
        source = select(
            literal(NoticeKind.WARNING_CHANGE.value),
            Notice.messenger,
            literal(int(lane)),
            Notice.talk,
            Notice.resident_id,
            Notice.chat_id,
            Notice.warning_id,
            literal(row.change, Notice.part_id.type),
            literal(NoticeState.DUE.value),
            case((is_edit, literal(now, Notice.due_at.type)), else_=literal(loud_at, Notice.due_at.type)),
            literal(loud_at + LASTS, Notice.expires_at.type),
            literal(0),
            literal(0),
            literal(""),
            Notice.seal_id,
            Notice.message_sealed,
        ).where(
            Notice.id > start,
            Notice.id <= upto,
            *_with_older_text(row),
            Notice.state.in_(HAVE_IT),
            await self._is_news(row),
        )  # fmt: skip
        await self._session.execute(insert(Notice).from_select(_COLUMNS, source))

    async def _is_news(self, row: Warning) -> ColumnElement[bool]:
        """To whom the change says anything: a correction of one language is nothing to who reads the other."""
        if row.recalled_at is not None:
            return true()
        went = select(Correction).where(
            Correction.warning_id == row.id, Correction.state == CorrectionState.APPROVED
        )  # fmt: skip
        corrections = await self._session.scalars(went.order_by(Correction.decided_at, Correction.id))
        texts = [Bilingual(row.text_kk, row.text_ru), *(Bilingual(one.text_kk, one.text_ru) for one in corrections)]
        if len(texts) != row.change + 1:  # by an older version: its texts are not all known
            return true()
        return not_(_reads_it_already(row, {one: same_texts(texts, one) for one in Language}))


def same_texts(texts: list[Bilingual], language: Language) -> frozenset[int]:
    """Which of the earlier texts, by the number of their change, say in this language what the last one says."""
    *earlier, now = (text.of(language) for text in texts)
    return frozenset(n for n, words in enumerate(earlier) if words == now)


def _reads_it_already(row: Warning, same: Mapping[Language, frozenset[int]]) -> ColumnElement[bool]:
    """The last text that surely reached him is, in his language, the one that holds now. Groups have both."""
    reads = select(Resident.language).where(Resident.id == Notice.resident_id).scalar_subquery()
    return case(
        (Notice.part_id == FORMER_LANGUAGE, false()),
        (reads == Language.KK.value, _has_one_of(row, same[Language.KK])),
        (reads == Language.RU.value, _has_one_of(row, same[Language.RU])),
        else_=_has_one_of(row, same[Language.KK] & same[Language.RU]),
    )


def _has_one_of(row: Warning, changes: Collection[int]) -> ColumnElement[bool]:
    if not changes:
        return false()
    own = func.coalesce(Notice.part_id, 0)
    if row.change == 1:  # nobody has been told of anything yet
        return own.in_(changes)
    surely = select(func.max(told.part_id)).where(*_of_him(row), told.state.in_(GONE)).scalar_subquery()
    maybe = told_of(row).where(
        told.state.in_((NoticeState.UNKNOWN, NoticeState.SENDING)), told.part_id.not_in(changes)
    )  # fmt: skip
    return and_(func.coalesce(surely, own).in_(changes), ~maybe.exists())


def told_of(row: Warning) -> Select[int]:
    """What the recipient of the notice in question was told of this warning's changes."""
    return select(told.id).where(*_of_him(row))


def _of_him(row: Warning) -> list[ColumnElement[bool]]:
    return [told.warning_id == row.id, told.talk == Notice.talk, named(CHANGE_OF_WARNING, "told")]  # type: ignore[list-item]


def _with_older_text(row: Warning) -> list[ColumnElement[bool]]:
    """`part_id` of a warning's notice is the change whose text left with it: see services.deliveries."""
    return [
        Notice.warning_id == row.id,
        Notice.kind == NoticeKind.WARNING,
        func.coalesce(Notice.part_id, 0) < row.change,
    ]
