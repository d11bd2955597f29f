"""Whom a warning concerns: who may warn whom, how many it would reach, and how often its groups were warned lately."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from bot.errors import NotAllowed
from bot.services.homes import lives_in, told_codes
from bot.services.officers import OfficerView
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import (
    PUBLISHED,
    WEEK,
    WEEKLY_MOST,
    Audience,
    ChatChoice,
    Reach,
    Weekly,
    chats_in,
    neighbours_in,
    residents_in,
)
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import EndpointState, Language, Messenger, NoticeKind, Role


class WarningsAimed(WarningRecords):
    def audience_of(self, officer: OfficerView) -> Audience:
        """An inspector warns his precincts, staff the department. Raises NotAllowed."""
        if officer.has(Role.STAFF, Role.HEAD, Role.ADMIN):
            return Audience(everyone=True)
        if officer.has(Role.INSPECTOR) and officer.precinct_ids:
            return Audience(tuple(officer.precinct_ids))
        raise NotAllowed

    async def is_own(self, officer: OfficerView, audience: Audience) -> bool:
        """Nobody but the people and the groups of the precincts this inspector keeps."""
        meant = {*audience.precinct_ids, *audience.house_precinct_ids}
        if audience.everyone or audience.district_ids or not meant <= set(officer.precinct_ids):
            return False
        if not audience.chat_ids:
            return True
        mine = select(func.count()).where(Chat.id.in_(audience.chat_ids), _kept_by(officer))
        return await self._session.scalar(mine) == len(set(audience.chat_ids))

    async def may_reach(self, officer: OfficerView, audience: Audience) -> bool:
        """Raises NotAllowed to who may warn nobody at all."""
        return self.audience_of(officer).everyone or await self.is_own(officer, audience)

    async def chats_of(self, officer: OfficerView, words: str = "") -> list[ChatChoice]:
        """Groups he may choose, whose title or place has these words."""
        query = select(Chat.id, Chat.title, Chat.place).where(
            Chat.state == EndpointState.OPEN, Chat.precinct_id.is_not(None)
        )
        if not self.audience_of(officer).everyone:
            query = query.where(_kept_by(officer))
        found = [ChatChoice(*row) for row in await self._session.execute(query.order_by(Chat.title, Chat.id))]
        wanted = words.casefold().split()
        return [one for one in found if all(word in f"{one.title} {one.place}".casefold() for word in wanted)]

    async def chat_titles(self, ids: Collection[int]) -> list[str]:
        query = select(Chat.title).where(Chat.id.in_(ids)).order_by(Chat.title)
        return list(await self._session.scalars(query))

    async def reach(self, audience: Audience, topic: str = "warnings") -> Reach:
        chats = await self._session.scalar(select(func.count()).select_from(Chat).where(*chats_in(audience)))
        now, codes = self._clock.now(), await told_codes(self._session, audience.houses)
        is_outside = and_(
            Resident.messenger == Messenger.WHATSAPP,
            or_(Endpoint.window_until.is_(None), Endpoint.window_until <= now),
        )
        by = (
            select(Resident.messenger, Endpoint.state, Resident.language, is_outside, func.count())
            .join(Subscription, Subscription.resident_id == Resident.id)
            .join(Endpoint, Endpoint.id == Resident.endpoint_id)
            .where(Subscription.topic == topic, *residents_in(audience, codes))
            .group_by(Resident.messenger, Endpoint.state, Resident.language, is_outside)
        )
        counts: dict[str, int] = {}
        outside: dict[Language, int] = {}
        closed = 0
        for messenger, state, language, is_out, n in await self._session.execute(by):
            if state != EndpointState.OPEN:
                closed += n
                continue
            counts[messenger or ""] = counts.get(messenger or "", 0) + n
            if is_out:
                one = Language(language or Language.KK)
                outside[one] = outside.get(one, 0) + n
        own = select(Chat.title).where(*chats_in(audience), Chat.id.in_(audience.house_chat_ids)).order_by(Chat.title)
        house_chats = tuple(await self._session.scalars(own)) if audience.house_chat_ids else ()
        by_house = beside = 0
        if audience.houses and audience.only != "chats":
            by_house = await self._subscribers(topic, *residents_in(audience, codes), lives_in(codes))
            beside = await self._subscribers(topic, *neighbours_in(audience, codes))
        return Reach(
            chats=chats or 0,
            telegram=counts.get(Messenger.TELEGRAM, 0),
            whatsapp=counts.get(Messenger.WHATSAPP, 0),
            unreachable=closed,
            outside=outside,
            by_house=by_house,
            beside_houses=beside,
            house_chats=house_chats,
        )

    async def _subscribers(self, topic: str, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(Subscription).join(Resident, Resident.id == Subscription.resident_id)
        return await self._session.scalar(query.where(Subscription.topic == topic, *where)) or 0

    async def weekly(self, audience: Audience) -> Weekly:
        """Warnings that went to these groups in the last seven days."""
        counts = (
            select(Chat.title.label("title"), func.count().label("n"))
            .join(Notice, Notice.chat_id == Chat.id)
            .where(Notice.kind == NoticeKind.WARNING, Notice.sent_at > self._clock.now() - WEEK, *chats_in(audience))
            .group_by(Chat.id, Chat.title)
            .subquery()
        )
        busiest = select(counts.c.title, counts.c.n).order_by(counts.c.n.desc(), counts.c.title).limit(1)
        found = (await self._session.execute(busiest)).first()
        if found is None:
            return Weekly()
        over = await self._session.scalar(select(func.count()).where(counts.c.n >= WEEKLY_MOST))
        return Weekly(found[0], found[1], over or 0)

    async def sent_by(self, author_id: int) -> int:
        """Warnings of this officer that went to people in the last seven days, those of his campaigns too."""
        since = self._clock.now() - WEEK
        mine = (Warning.author_id == author_id, Warning.audience_at > since, Warning.state.in_(PUBLISHED))
        return await self._session.scalar(select(func.count()).where(*mine)) or 0

    async def gone_since(self, since: datetime) -> tuple[int, int]:
        """Warnings that went to people, and how many of them a campaign sent."""
        went = select(func.count(), func.count(Warning.campaign_id)).where(
            Warning.audience_at >= since, Warning.state.in_(PUBLISHED)
        )  # fmt: skip
        all_of_them, by_campaigns = (await self._session.execute(went)).one()
        return all_of_them, by_campaigns


def _kept_by(officer: OfficerView):  # type: ignore[no-untyped-def]
    return or_(Chat.precinct_id.in_(officer.precinct_ids), Chat.second_precinct_id.in_(officer.precinct_ids))
