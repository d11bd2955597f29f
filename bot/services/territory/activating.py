"""The switch: one transaction from the generation that answers now to another, and the way back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from bot.errors import N_, KorshiError, NotFound
from bot.services.chats import REMOVED, UNBOUND, chat_fingerprint
from bot.services.notices import Promise, Recipient
from bot.services.territory.applying import Applying
from bot.services.territory.asking import TerritoryAsked
from bot.services.territory.index import Survey, build, read_rows
from bot.services.territory.lists import Lists, content, read_moment, roster_of
from bot.services.territory.placing import (
    Back,
    ChatNow,
    ChatPlan,
    Placing,
    Why,
    incoming_of,
    listed_chats,
    plan_chats,
)
from bot.services.territory.standing import chats_now, codes_of, roster_standing, slices, standing
from bot.services.territory.views import Activated, GenerationView, generation_view
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.officers import Duty, Officer
from bot.store.residents import Resident
from bot.store.territory import Desk, Generation, Precinct
from bot.terms import DeskKind, EndpointState, Lane, Messenger, NoticeKind, Role

TITLES_SHOWN = 10


class GenerationActive(KorshiError):
    msgid = N_("Generation {number} is the active one already.")


class GenerationBroken(KorshiError):
    msgid = N_("Generation {number} was not loaded to its end. Load the files again.")


class NoWayBack(KorshiError):
    msgid = N_("There is no former generation to go back to.")


class TerritoryActivated(TerritoryAsked):
    async def generations(self) -> list[GenerationView]:
        """Newest first."""
        rows = await self._session.scalars(select(Generation).order_by(Generation.id.desc()))
        return [generation_view(row) for row in rows]

    async def former_generation(self) -> int:
        """The one that answered before the active one. Raises NoWayBack."""
        query = select(Generation.id).where(~Generation.is_active, Generation.activated_at.is_not(None))
        found = await self._session.scalar(query.order_by(Generation.activated_at.desc(), Generation.id.desc()))
        if found is None:
            raise NoWayBack
        return found

    async def survey_of(self, generation_id: int) -> Survey:
        """Built here and now: for one who has no other work meanwhile."""
        return build(await read_rows(self._session, generation_id))

    async def placed_chats(self) -> list[ChatNow]:
        """Bound chats with a point or an address: those a switch places anew."""
        return _placed(await chats_now(self._session))

    async def activate(self, generation_id: int, placing: Placing | None = None) -> Activated:
        """Lookups of every process follow within seconds. Raises GenerationActive, GenerationBroken, NotFound.

        `placing` spares the transaction the slow part, the placing of chats by their addresses.
        """
        incoming = await self._session.get(Generation, generation_id, with_for_update=True)
        if incoming is None:
            raise NotFound
        if incoming.is_active:
            raise GenerationActive(number=generation_id)
        if not generation_view(incoming).is_whole:
            raise GenerationBroken(number=generation_id)
        outgoing = await self._session.scalar(select(Generation).where(Generation.is_active).with_for_update())
        lists, left_at = content(incoming.lists)
        chats = await chats_now(self._session)
        arrived = await self._leave(outgoing) if outgoing is not None else ()
        await self._switch(outgoing, incoming)
        codes = await codes_of(self._session, generation_id)
        await Applying(self._session, self._clock).apply(lists, arrived=arrived if left_at else ())
        if left_at is None:
            await self._roster.load(roster_of(lists))
        elif "week" in lists:  # what an older program has left does not say it
            await self._roster.restore(roster_of(lists), left_at)
        if placing is None:
            placing = Placing(await self._survey_for(generation_id, chats))
        back = None
        if left_at is not None and outgoing is not None:
            back = Back(left_at, listed_chats(outgoing.lists), await self._loosened(left_at))
        plans = plan_chats(chats, incoming_of(lists.get("chats", ()), frozenset(codes), placing, back))
        await self._bind(plans, codes)
        unbound = [plan for plan in plans if plan.why is Why.VANISHED]
        asked = await self._ask_residents_again()
        settled = await self._settle_residents_again() if left_at else 0
        result = Activated(
            generation_id,
            outgoing.id if outgoing else None,
            sum(plan.is_moved for plan in plans),
            len(unbound),
            asked,
            settled,
        )
        await self._tell_of_unbound(unbound)
        await self._audit.write(
            "territory_activated", subject=f"generation:{generation_id}", left=result.left_id,
            moved=result.chats_moved, unbound=result.chats_unbound, restored=left_at is not None,
        )  # fmt: skip
        await self._session.flush()
        self._session.expire_all()  # bulk statements went past the rows this session has seen
        self._ring("territory")
        return result

    async def _survey_for(self, generation_id: int, chats: Sequence[ChatNow]) -> Survey | None:
        return await self.survey_of(generation_id) if _placed(chats) else None

    async def _leave(self, outgoing: Generation) -> Sequence[str]:
        """Writes down what is being left; the badges this generation's own files brought."""
        lists: Lists = outgoing.lists or {}
        now = self._clock.now()
        left = await standing(self._session, outgoing.id, now.isoformat())
        lists["left"] = left | await roster_standing(self._session)
        outgoing.lists = lists
        return list(lists.get("files", {}).get("officers", ()))

    async def _switch(self, outgoing: Generation | None, incoming: Generation) -> None:
        if outgoing is not None:
            outgoing.is_active = False
            await self._session.flush()
        incoming.is_active, incoming.activated_at = True, self._clock.now()
        await self._session.flush()

    async def _bind(self, plans: Sequence[ChatPlan], codes: dict[str, int]) -> None:
        now = self._clock.now()
        changes = []
        for plan in plans:
            if plan.id is None:
                continue
            change: dict[str, Any] = {"id": plan.id, "precinct_id": codes.get(plan.precinct or "")}
            change["second_precinct_id"] = codes.get(plan.second or "")
            if plan.listed is not None or plan.precinct != plan.before:
                is_bound = plan.precinct is not None
                change |= {"bound_by": None, "bound_at": now if is_bound else None}
            if plan.restored is not None and plan.restored["by"] is not None:
                change |= {"bound_by": plan.restored["by"], "bound_at": read_moment(plan.restored["at"])}
            if plan.listed is not None or plan.restored is not None:
                lat, lon = plan.point or (None, None)
                change |= {"title": plan.title, "place": plan.place, "lat": lat, "lon": lon}
            changes.append(change)
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for change in changes:
            by_columns.setdefault(tuple(change), []).append(change)
        for alike in by_columns.values():
            await self._session.execute(update(Chat), alike)
        new = [_new_chat(plan, codes, now) for plan in plans if plan.id is None]
        if new:
            await self._session.execute(insert(Chat), new)
        gone = Chat.asked_precinct_id.not_in(self._precincts_now()) | Chat.asked_second_id.not_in(self._precincts_now())
        nothing = {"asked_precinct_id": None, "asked_second_id": None, "asked_by": None, "asked_at": None}
        options = {"synchronize_session": False}
        await self._session.execute(update(Chat).where(gone).values(**nothing).execution_options(**options))

    async def _loosened(self, since: datetime) -> frozenset[int]:
        """Chats people have unbound after this moment."""
        return frozenset(
            int(one.subject.removeprefix("chat:")) for one in await self._audit.since(since, UNBOUND, REMOVED)
        )

    async def _ask_residents_again(self) -> int:
        """Whose own precinct is gone has none, and is asked when it matters."""
        gone = select(Precinct.id).where(Precinct.id.not_in(self._precincts_now()))
        query = update(Resident).where(Resident.precinct_id.in_(gone))
        query = query.values(former_precinct_id=Resident.precinct_id, precinct_id=None)
        done: Any = await self._session.execute(query.execution_options(synchronize_session=False))
        return int(done.rowcount)

    async def _settle_residents_again(self) -> int:
        """On the way back: whoever has not told another precinct since has the one that the switch took away."""
        is_back = Resident.precinct_id.is_(None) & Resident.former_precinct_id.in_(self._precincts_now())
        query = update(Resident).where(is_back).values(precinct_id=Resident.former_precinct_id, former_precinct_id=None)
        done: Any = await self._session.execute(query.execution_options(synchronize_session=False))
        return int(done.rowcount)

    async def _tell_of_unbound(self, unbound: Sequence[ChatPlan]) -> None:
        """One word to everybody on duty in the district the chat belonged to, and to the staff."""
        if not unbound:
            return
        titles: dict[int, list[str]] = {}
        staff = select(Officer.resident_id).join(Duty, Duty.officer_id == Officer.id)
        staff = staff.where(Duty.role == Role.STAFF, Officer.is_active, Officer.resident_id.is_not(None))
        to_all = list(await self._session.scalars(staff.distinct()))
        duty = await self._duty_by_precinct([plan.before for plan in unbound if plan.before])
        for plan in unbound:
            for resident_id in {*to_all, *duty.get(plan.before or "", ())}:
                titles.setdefault(resident_id, []).append(plan.title)
        promises = []
        for resident_id, names in titles.items():
            what = ", ".join(names[:TITLES_SHOWN]) + (" …" if len(names) > TITLES_SHOWN else "")
            facts = {"alarm": "unbound", "what": what}
            promises.append(Promise(NoticeKind.ALARM, Recipient(resident_id=resident_id), Lane.ANSWER, facts=facts))
        await self._notices.promise(*promises)

    async def _duty_by_precinct(self, codes: Sequence[str]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for some in slices(sorted(set(codes))):
            query = (
                select(Precinct.code, Officer.resident_id)
                .join(Desk, Desk.district_id == Precinct.district_id)
                .join(Duty, Duty.desk_id == Desk.id)
                .join(Officer, Officer.id == Duty.officer_id)
                .where(Precinct.code.in_(some), Desk.kind == DeskKind.DISTRICT_DUTY)
                .where(Officer.is_active, Officer.resident_id.is_not(None))
            )
            for code, resident_id in await self._session.execute(query):
                if resident_id is not None:
                    found.setdefault(code, set()).add(resident_id)
        return found


def _placed(chats: Sequence[ChatNow]) -> list[ChatNow]:
    return [chat for chat in chats if chat.precinct is not None and (chat.point or chat.place)]


def _new_chat(plan: ChatPlan, codes: dict[str, int], now: Any) -> dict[str, Any]:
    telegram_id = str((plan.listed or {})["telegram_id"])
    row = Chat(id=new_id(now))
    row.address = telegram_id
    lat, lon = plan.point or (None, None)
    return {
        "id": row.id,
        "messenger": Messenger.TELEGRAM,
        "fingerprint": chat_fingerprint(Messenger.TELEGRAM, telegram_id),
        "address_sealed": row.address_sealed,
        "title": plan.title,
        "state": EndpointState.OPEN,
        "state_reason": "",
        "is_admin": False,
        "precinct_id": codes[plan.precinct or ""],
        "second_precinct_id": codes.get(plan.second or ""),
        "place": plan.place,
        "lat": lat,
        "lon": lon,
        "bound_at": now,
        "added_at": now,
    }
