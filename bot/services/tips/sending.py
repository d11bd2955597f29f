"""The sender's side of a tip: submit, add, edit, rate, reopen, cut."""

from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.errors import AlreadyRated, NotFound, StepNotLegal
from bot.i18n import Bilingual
from bot.services.deadlines import accept_by, answer_due, outcome_due
from bot.services.notices import ASKS, Promise, author_of
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.routing import Case, Holder
from bot.services.tips.adding import AddedTips
from bot.services.tips.evidence import EvidencedTips
from bot.services.tips.limits import FILES_OF_STORY, SenderLimits
from bot.services.tips.moving import MovedTips
from bot.services.tips.receipts import CODE_AFTER, ReceiptedTips
from bot.services.tips.records import lane_of, who_sees
from bot.services.tips.views import (
    STORY,
    UNSOLVED,
    CategoryView,
    Submitted,
    TipDraft,
    TipView,
    category_view,
    handlers_of,
    is_discreet,
    owner_fingerprint,
    sent_by,
)
from bot.store.base import insert_of, new_id
from bot.store.events import Event
from bot.store.leases import Counter
from bot.store.notices import Notice
from bot.store.tips import Category, Receipt, Tip, TipPart, TipState, Vault
from bot.terms import Identity, Lane, Language, NoticeKind, NoticeState, Rung, StateType, Urgency

FIRST_NUMBER = 1001
CONFIRMING = 3  # stars: who gives fewer has not said that it is over


@cache
def _next_number_in(dialect: str) -> Any:
    return (
        insert_of(dialect, Counter)
        .values(name="tips", value=FIRST_NUMBER)
        .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )


class SentTips(AddedTips, ReceiptedTips, EvidencedTips, MovedTips):
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
        ground = await self._routing.look(draft.placed, draft.category)
        category = await self._session.get(Category, draft.category)
        if category is None:
            raise NotFound
        now = self._clock.now()
        urgency = draft.urgency or Urgency(category.urgency)
        await self._limit(person, draft, urgency)
        words = "\n".join(part.text for part in draft.parts if part.text)
        case = Case(handlers_of(category), urgency, draft.placed, words=words, at=now)
        holder = await self._routing.decide(case, ground)
        calendar = await self._roster.calendar()
        dues = answer_due(urgency, now, calendar), outcome_due(urgency, now, calendar)
        tip = await self._write(person, draft, dues, case, holder)
        self._event(tip, "submitted")
        self._routed(tip, holder)
        promises = self._number_promises(tip, draft)
        lane = lane_of(urgency)
        promises += [self._card(tip, officer, lane) for officer in who_sees(holder)]
        promises += [self._card(tip, officer, lane, informed=True) for officer in holder.informed]
        await self._notices.promise(*promises)
        return Submitted(tip.id, tip.number, tip.due_at)

    def limits(self) -> SenderLimits:
        return SenderLimits(self._session, self._clock, self._zone)

    async def forget_senders(self) -> None:
        """Counts that no limit looks back to."""
        await self.limits().forget()

    async def _limit(self, person: Person, draft: TipDraft, urgency: Urgency) -> None:
        limits = self.limits()
        await limits.tip(person.id, always=urgency is Urgency.U0)
        files = sum(1 for part in draft.parts if part.media is not None)
        if urgency is not Urgency.U0:
            await limits.files(person.id, files - FILES_OF_STORY)

    def _number_promises(self, tip: Tip, draft: TipDraft) -> list[Promise]:
        """With the code of its receipt, which is told this once: of a discreet tip out of danger when it is opened."""
        if draft.is_quiet or (draft.is_hurried and is_discreet(draft.category)):
            return []
        facts = {"code": self._receipt(tip), "later": draft.is_hurried}
        due_at = tip.created_at + CODE_AFTER if draft.is_hurried else None
        return [Promise(NoticeKind.TIP_SENT, author_of(tip), Lane.ANSWER, tip_id=tip.id, facts=facts, due_at=due_at)]

    async def _write(
        self,
        person: Person,
        draft: TipDraft,
        dues: tuple[datetime | None, datetime | None],
        case: Case,
        holder: Holder,
    ) -> Tip:
        hidden = draft.identity is not Identity.NAMED
        tip = Tip(
            id=new_id(case.at),
            number=await self._next_number(),
            category=draft.category,
            urgency=case.urgency,
            state="routed",
            identity=draft.identity,
            alias="",
            resident_id=None if hidden else person.id,
            language=person.language or Language.KK,
            lat=draft.point[0] if draft.point else None,
            lon=draft.point[1] if draft.point else None,
            precinct_id=case.spot.precinct_id,
            place_source=case.spot.source,
            neighbour_id=case.spot.neighbour_id,
            outside_metres=case.spot.outside_metres,
            chat_id=draft.chat_id,
            officer_id=holder.officer.id if holder.officer else None,
            desk_id=holder.desk.id if holder.desk else None,
            rung=holder.rung,
            accept_by=holder.accept_by,
            is_restricted=holder.is_restricted,
            created_at=case.at,
            due_at=dues[0],
            outcome_due_at=dues[1],
            suggested=draft.suggested,
            event_when=draft.told.when,
            event_on=draft.told.on,
            day_part=draft.told.day_part,
            is_public_place=draft.told.is_public_place,
            has_camera=draft.told.has_camera,
            damage=draft.told.damage,
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
        self._evidence(tip, draft.evidence)
        for part in draft.parts:
            self._add_part(tip, part, STORY, person=person)
        return tip

    def _routed(self, tip: Tip, holder: Holder) -> None:
        """How it was decided at that moment, for whoever asks later."""
        event = Event(
            id=new_id(tip.created_at),
            tip_id=tip.id,
            kind="routed",
            state=tip.state,
            reason=holder.reason,
            to_officer_id=tip.officer_id,
            to_desk_id=tip.desk_id,
            at=tip.created_at,
        )
        event.facts = {"verdicts": [asdict(verdict) for verdict in holder.verdicts], "rung": holder.rung}
        self._session.add(event)

    async def _next_number(self) -> int:
        """One statement: two senders at once never get the same number, the very first two included."""
        query = _next_number_in(self._session.get_bind().dialect.name)
        return int((await self._session.execute(query)).scalar_one())

    async def mine(self, person: Person, limit: int = 10) -> list[TipView]:
        query = select(Tip).where(sent_by(person.id)).order_by(Tip.id.desc()).limit(limit)
        return [await self._view(tip) for tip in await self._session.scalars(query)]

    async def sent(self, person: Person, tip_id: int) -> TipView:
        """The sender's own tip. Raises NotFound for anybody else's."""
        return await self._view(await self._sent_tip(person, tip_id), holder=True)

    async def cut(self, person: Person, tip_id: int) -> TipView:
        """Destroys the link between a hidden tip and its sender, for good. Raises NotFound where there is none."""
        tip = await self._sent_tip(person, tip_id)
        if tip.resident_id is not None:
            raise NotFound  # named: the holder knows who it is
        await self._break_link(tip)
        return await self._view(tip)

    async def cut_all(self, person: Person) -> None:
        """Destroys the link between this person and his hidden tips; nothing about them reaches him any more."""
        links = select(Vault.id).where(Vault.owner == owner_fingerprint(person.id))
        for tip in list(await self._session.scalars(select(Tip).where(Tip.id.in_(links)))):
            await self._break_link(tip)

    async def _break_link(self, tip: Tip) -> None:
        """Also what would lead back to the sender through the messenger: ids of messages, in parts and notices."""
        tip.identity = Identity.CUT
        if await self._type(tip) is StateType.WAITING:
            await self._enter(tip, "taken")  # the asked one will not answer: the clock runs again
        self._event(tip, "cut")
        parts, mine = TipPart.tip_id == tip.id, Notice.vault_id == tip.id
        ended = {"state": NoticeState.CANCELLED, "error": "cut"}
        for statement in (
            delete(Vault).where(Vault.id == tip.id),
            delete(Receipt).where(Receipt.tip_id == tip.id),  # nor may its code tie it again
            update(TipPart).where(parts).values(source=None),
            update(Notice).where(mine, Notice.state == NoticeState.DUE).values(**ended),
            update(Notice).where(mine, Notice.state != NoticeState.SENDING).values(message_sealed=None, ref=None),
        ):
            await self._session.execute(statement)

    async def rate(self, person: Person, tip_id: int, rating: int) -> TipView:
        """1 to 5. From three on the sender confirms by it that the tip is over; fewer leave it as it is."""
        tip = await self._sent_tip(person, tip_id)
        if tip.rating is not None:
            raise AlreadyRated
        if await self._type(tip) is not StateType.CLOSED or rating not in range(1, 6):
            raise NotFound
        tip.rating = rating
        if tip.state == "closed" and rating >= CONFIRMING:
            tip.state, tip.is_solved = "confirmed", True
            await self._notices.withdraw(tip.id, ASKS)
        self._event(tip, "rated", rating=rating)
        await self._tell_holders(tip, NoticeKind.CARD_RATED, rating=rating)
        return await self._view(tip)

    async def reopen(self, person: Person, tip_id: int) -> TipView:
        """Not solved. The first time it goes back to its holder, the second time one level up, to the duty queue.

        What was confirmed may come back too, for two weeks; then it is a new tip. Raises StepNotLegal."""
        tip = await self._sent_tip(person, tip_id)
        state = await self._session.get_one(TipState, tip.state)
        if not self._may_reopen(tip, state):  # nor twice: the second press would take it one level up
            raise StepNotLegal(status=Bilingual(state.name_kk, state.name_ru))
        await self._step(tip, "reopened")
        tip.rating = None  # the next answer is rated anew; what was given stays in the events
        now = self._clock.now()
        urgency, calendar = Urgency(tip.urgency), await self._roster.calendar()
        tip.due_at, tip.closed_at = answer_due(urgency, now, calendar), None
        tip.outcome_due_at, tip.accept_by = outcome_due(urgency, now, calendar), accept_by(urgency, now, calendar)
        tip.first_answer_at = tip.warned_at = tip.asked_solved_at = None
        tip.is_solved, tip.reopened = False, tip.reopened + 1
        await self._notices.withdraw(tip.id, ASKS)
        before = await self._session.scalar(
            select(func.count()).select_from(Event).where(Event.tip_id == tip.id, Event.kind == "reopened")
        )
        self._event(tip, "reopened")
        if before and not tip.is_restricted:
            held = await self._holders(tip)
            case, rung = await self._case(tip), await self._rung(tip)  # who stands in there is no other level
            holder = await self._routing.above(case, Rung.SUBSTITUTE if rung is Rung.PRECINCT else rung)
            tip.officer_id = holder.officer.id if holder.officer else None
            tip.desk_id = holder.desk.id if holder.desk else None
            tip.rung, tip.is_restricted, tip.taken_at = holder.rung, holder.is_restricted, None
            self._routed(tip, holder)
            await self._session.flush()
            await self._tell_left(tip, held)
        await self._session.flush()
        await self._tell_holders(tip, NoticeKind.CARD)
        return await self._view(tip)

    async def _tell_left(self, tip: Tip, held: list[OfficerView]) -> None:
        """Who had it would else find it gone."""
        here, name = {officer.id for officer in await self._holders(tip)}, await self._holder_name(tip)
        facts = {"number": tip.number, "reason": UNSOLVED, "to": [name.kk, name.ru]}
        gone = await self._lose(tip, [officer for officer in held if officer.id not in here])
        await self._notices.promise(
            *(Promise(NoticeKind.CARD_LEFT, to, lane_of(tip.urgency), facts=facts) for to in gone)
        )
