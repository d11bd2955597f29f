"""The sender's side of a tip: submit, add, edit, rate, reopen, cut."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import AlreadyRated, NotFound, TipClosed
from bot.services.deadlines import answer_due
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.routing import Case, Holder
from bot.services.tips.records import TipRecords
from bot.services.tips.views import (
    ADDED,
    ANSWER,
    STORY,
    CategoryView,
    PartDraft,
    Submitted,
    TipDraft,
    TipView,
    category_view,
    owner_fingerprint,
    sent_by,
)
from bot.store import keys
from bot.store.base import new_id
from bot.store.events import Event
from bot.store.leases import Counter
from bot.store.tips import Category, Tip, TipPart, TipState, Vault
from bot.terms import Identity, Lane, Language, NoticeKind, PartKind, StateType, Urgency

FIRST_NUMBER = 1001


class SentTips(TipRecords):
    async def categories(self, tile: str | None = None) -> list[CategoryView]:
        query = select(Category).where(Category.is_offered).order_by(Category.position, Category.code)
        if tile is not None:
            query = query.where(Category.tile == tile)
        return [category_view(row) for row in await self._session.scalars(query)]

    async def category(self, code: str) -> CategoryView:
        row = await self._session.get(Category, code)
        if row is None:
            raise NotFound
        return category_view(row)

    async def submit(self, person: Person, draft: TipDraft) -> Submitted:
        """Writes the tip with its parts, decides the holder, promises the number to the sender and the card to him."""
        category = await self._session.get(Category, draft.category)
        if category is None:
            raise NotFound
        urgency = draft.urgency or Urgency(category.urgency)
        handlers = tuple(code for code in category.handlers.split(",") if code)
        holder = await self._routing.decide(Case(handlers, urgency, draft.precinct_id))
        tip = await self._write(person, draft, urgency, holder)
        self._event(tip, "submitted", routed_by=holder.reason)
        author = await self._author(tip)
        promises = [Promise(NoticeKind.TIP_SENT, author, Lane.ANSWER, tip_id=tip.id)]
        lane = Lane.URGENT if urgency in (Urgency.U0, Urgency.U1) else Lane.ANSWER
        promises += [self._card(tip, officer, lane) for officer in await self._who_sees(holder)]
        promises += [self._card(tip, officer, lane, informed=True) for officer in holder.informed]
        await self._notices.promise(*promises)
        return Submitted(tip.id, tip.number, tip.due_at)

    async def _write(self, person: Person, draft: TipDraft, urgency: Urgency, holder: Holder) -> Tip:
        now = self._clock.now()
        hidden = draft.identity is not Identity.NAMED
        tip = Tip(
            id=new_id(now),
            number=await self._next_number(),
            category=draft.category,
            urgency=urgency,
            state="routed",
            identity=draft.identity,
            alias="",
            resident_id=None if hidden else person.id,
            language=person.language or Language.KK,
            lat=draft.point[0] if draft.point else None,
            lon=draft.point[1] if draft.point else None,
            precinct_id=draft.precinct_id,
            officer_id=holder.officer.id if holder.officer else None,
            desk_id=holder.desk.id if holder.desk else None,
            routed_by=holder.reason,
            is_restricted=holder.is_restricted,
            created_at=now,
            due_at=answer_due(urgency, now, self._zone),
        )
        tip.alias = f"№{tip.number}-{tip.id % 1000:03d}"
        tip.place = draft.place or None
        if not hidden:
            tip.name = person.name
        self._session.add(tip)
        await self._session.flush()
        if hidden:
            vault = Vault(id=tip.id, owner=owner_fingerprint(person.id))
            vault.resident = person.id
            self._session.add(vault)
        for part in draft.parts:
            self._add_part(tip, part, STORY, person=person)
        return tip

    async def _next_number(self) -> int:
        """One statement: two senders at once never get the same number, the very first two included."""
        dialect = self._session.get_bind().dialect.name
        statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Counter)
        query = (
            statement.values(name="tips", value=FIRST_NUMBER)
            .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
            .returning(Counter.value)
        )
        return (await self._session.execute(query)).scalar_one()

    async def mine(self, person: Person, limit: int = 10) -> list[TipView]:
        query = select(Tip).where(sent_by(person.id)).order_by(Tip.id.desc()).limit(limit)
        return [await self._view(tip) for tip in await self._session.scalars(query)]

    async def sent(self, person: Person, tip_id: int) -> TipView:
        """The sender's own tip. Raises NotFound for anybody else's."""
        return await self._view(await self._sent_tip(person, tip_id))

    async def cut_all(self, person: Person) -> None:
        """Destroys the link between this person and his open hidden tips; nothing about them reaches him any more."""
        await self._session.execute(delete(Vault).where(Vault.owner == owner_fingerprint(person.id)))

    async def open_of(self, person: Person) -> TipView | None:
        """The open tip a free word belongs to: one that waits for details, else the newest of the last week."""
        since = self._clock.now() - timedelta(days=7)
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(sent_by(person.id), TipState.type != StateType.CLOSED, Tip.created_at > since)
            .order_by((TipState.type == StateType.WAITING).desc(), Tip.id.desc())
            .limit(1)
        )
        tip = await self._session.scalar(query)
        return None if tip is None else await self._view(tip)

    async def add(self, person: Person, tip_id: int, *drafts: PartDraft) -> TipView:
        """More words or files of the sender; an answer when he was asked."""
        tip = await self._sent_tip(person, tip_id)
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        purpose = ADDED
        if tip.state == "need_details":
            tip.state, purpose = "taken", ANSWER
        parts = [self._add_part(tip, draft, purpose, person) for draft in drafts]
        self._event(tip, "answered" if purpose == ANSWER else "added")
        await self._session.flush()
        officers = await self._holders(tip)
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.CARD_ADDED, Recipient(resident_id=officer.resident_id), tip_id=tip.id, part_id=part.id
                )
                for officer in officers
                if officer.resident_id
                for part in parts
                if part.media_id is None  # a file follows when it is fetched
            )
        )
        return await self._view(tip)

    async def edited(self, person: Person, source: str, text: str) -> TipView | None:
        """The sender edited a message of a sent tip: a new version beside the old one. None: not a tip's message."""
        found = await self._session.scalar(
            select(TipPart)
            .where(TipPart.source == keys.ring().fingerprint("source", source))
            .order_by(TipPart.id.desc())
            .limit(1)
        )
        if found is None or (found.text or "") == text:
            return None
        tip = await self._sent_tip(person, found.tip_id)
        part = self._add_part(tip, PartDraft(PartKind(found.kind), text, source=source), found.purpose, person)
        part.replaces_id = found.id
        self._event(tip, "edited")
        await self._session.flush()
        officers = await self._holders(tip)
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.CARD_ADDED, Recipient(resident_id=officer.resident_id), tip_id=tip.id, part_id=part.id
                )
                for officer in officers
                if officer.resident_id
            )
        )
        return await self._view(tip)

    async def rate(self, person: Person, tip_id: int, rating: int) -> TipView:
        """1 to 5; the sender confirms by it that the tip is over."""
        tip = await self._sent_tip(person, tip_id)
        if tip.rating is not None:
            raise AlreadyRated
        if await self._type(tip) is not StateType.CLOSED or rating not in range(1, 6):
            raise NotFound
        tip.rating = rating
        if tip.state == "closed":
            tip.state = "confirmed"
        self._event(tip, "rated", rating=rating)
        await self._tell_holders(tip, NoticeKind.CARD_RATED)
        return await self._view(tip)

    async def reopen(self, person: Person, tip_id: int) -> TipView:
        """Not solved. The first time it goes back to its holder, the second time one level up, to the duty queue."""
        tip = await self._sent_tip(person, tip_id)
        await self._step(tip, "reopened")
        now = self._clock.now()
        tip.due_at, tip.closed_at = answer_due(Urgency(tip.urgency), now, self._zone), None
        before = await self._session.scalar(
            select(func.count()).select_from(Event).where(Event.tip_id == tip.id, Event.kind == "reopened")
        )
        self._event(tip, "reopened")
        if before and not tip.is_restricted:
            holder = await self._routing.decide(Case((), Urgency.U0, tip.precinct_id))
            tip.officer_id, tip.desk_id = None, holder.desk.id if holder.desk else tip.desk_id
        await self._session.flush()
        await self._tell_holders(tip, NoticeKind.CARD)
        return await self._view(tip)
