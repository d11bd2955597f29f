"""Whose messenger lists staff's commands, and what was put up there last: what has not changed is not put up again."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.officers import OfficerView, officers_of
from bot.store.base import insert_into
from bot.store.endpoints import Endpoint
from bot.store.leases import Counter
from bot.store.officers import Duty, Officer
from bot.store.residents import Resident
from bot.terms import Language, Messenger

PREFIX = "menu:"  # of the counters' names; the endpoint's id follows


@dataclass(frozen=True, slots=True)
class MenuOwner:
    """A private chat of the bot. `officer` None: of somebody who is none any more. `shown`: what `keep` was told last,
    None where nothing was put up yet."""

    endpoint_id: int
    address: str
    language: Language
    officer: OfficerView | None
    shown: int | None


class Menus:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owners(self, messenger: Messenger) -> list[MenuOwner]:
        """Officers with an account there, then those who were officers when something was put up for them."""
        shown = await self._shown()
        query = (
            select(Officer, Duty, Endpoint, Resident.language)
            .join(Resident, Resident.id == Officer.resident_id)
            .join(Endpoint, Endpoint.resident_id == Resident.id)
            .outerjoin(Duty, Duty.officer_id == Officer.id)
            .where(Officer.is_active, Endpoint.messenger == messenger)
            .order_by(Endpoint.id, Duty.id)
        )
        rows = (await self._session.execute(query)).all()
        views = {one.id: one for one in officers_of([(officer, duty) for officer, duty, _endpoint, _language in rows])}
        places = {endpoint.id: (endpoint, officer, language) for officer, _duty, endpoint, language in rows}
        found = [
            MenuOwner(id_, endpoint.address or "", Language(language or "kk"), views[officer.id], shown.get(id_))
            for id_, (endpoint, officer, language) in places.items()
        ]
        former = select(Endpoint).where(Endpoint.id.in_(set(shown) - set(places)), Endpoint.messenger == messenger)
        return found + [
            MenuOwner(row.id, row.address or "", Language.KK, None, shown[row.id])
            for row in await self._session.scalars(former)
        ]

    async def keep(self, endpoint_id: int, shown: int | None) -> None:
        """What is put up there now; None: nothing of ours."""
        name = f"{PREFIX}{endpoint_id}"
        if shown is None:
            await self._session.execute(delete(Counter).where(Counter.name == name))
            return
        first = insert_into(self._session, Counter).values(name=name, value=shown)
        kept = first.on_conflict_do_update(index_elements=[Counter.name], set_={"value": shown})
        await self._session.execute(kept)

    async def _shown(self) -> dict[int, int]:
        query = select(Counter.name, Counter.value).where(Counter.name.startswith(PREFIX))
        return {int(name.removeprefix(PREFIX)): value for name, value in await self._session.execute(query)}
