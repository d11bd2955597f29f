"""The outcome of a tip that began in a group, told there by its holder in words that point at nobody."""

from dataclasses import dataclass

from sqlalchemy import select

from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.tips.aftercare import unasked_outcomes
from bot.services.tips.records import TipRecords
from bot.services.tips.views import discreet_codes
from bot.store.chats import Chat
from bot.store.events import Event
from bot.store.tips import Category, Outcome, Tip
from bot.terms import EndpointState, Lane, NoticeKind, StateType

TOLD = "told_group"


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """All that is said: what it was about and what became of it. `chat` is shown to the officer alone."""

    chat: str
    category: Bilingual
    outcome: Bilingual


class PublishedTips(TipRecords):
    async def group_outcome(self, officer: OfficerView, tip_id: int) -> GroupOutcome:
        """As it would be said. Raises NotFound where it may not be, or was already."""
        return (await self._sayable(officer, tip_id))[1]

    async def tell_group(self, officer: OfficerView, tip_id: int) -> GroupOutcome:
        """Once, however often it is pressed."""
        await self._session.get(Tip, tip_id, with_for_update=True)
        tip, said = await self._sayable(officer, tip_id)
        self._event(tip, TOLD, officer)
        facts = {"category": [said.category.kk, said.category.ru], "outcome": [said.outcome.kk, said.outcome.ru]}
        to = Recipient(chat_id=tip.chat_id)
        await self._notices.promise(Promise(NoticeKind.GROUP_OUTCOME, to, Lane.CAMPAIGN, facts=facts))
        await self._session.flush()
        return said

    async def _sayable(self, officer: OfficerView, tip_id: int) -> tuple[Tip, GroupOutcome]:
        tip = await self._held_tip(officer, tip_id)
        if tip.is_restricted or tip.category in discreet_codes() or tip.outcome is None or tip.chat_id is None:
            raise NotFound
        if await self._type(tip) is not StateType.CLOSED or tip.outcome in unasked_outcomes():
            raise NotFound
        chat = await self._session.get(Chat, tip.chat_id)
        told = select(Event.id).where(Event.tip_id == tip.id, Event.kind == TOLD).limit(1)
        if chat is None or chat.state != EndpointState.OPEN or chat.precinct_id is None:
            raise NotFound
        if await self._session.scalar(told) is not None:
            raise NotFound
        category = await self._session.get_one(Category, tip.category)
        outcome = await self._session.get_one(Outcome, tip.outcome)
        said = GroupOutcome(
            chat.title, Bilingual(category.name_kk, category.name_ru), Bilingual(outcome.name_kk, outcome.name_ru)
        )
        return tip, said
