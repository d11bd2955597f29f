"""Conversations, one a file, each deletable. This list alone names them; the order is the order of asking."""

from aiogram import Router

from bot.speech.filters import InGroup
from bot.speech.switchboard import Switchboard


def routers() -> list[Router]:
    """Fresh routers: a router belongs to one dispatcher. Danger is asked first, fallback last."""
    from handlers import (
        aftercare,
        answering,
        approving,
        blocking,
        campaigns,
        correcting,
        danger,
        details,
        evidence,
        explain,
        fallback,
        faq,
        group,
        handover,
        help,
        history,
        home,
        incidents,
        inspector,
        menu,
        mine,
        money,
        pictures,
        pings,
        place,
        planned,
        precinct,
        proof,
        quotes,
        receipt,
        register,
        roster,
        staff,
        start,
        statistics,
        story,
        subscriptions,
        telling,
        tips,
        tracing,
        warnings,
        watching,
        yard,
    )

    private = Router(name="private")
    for observer in (private.message, private.callback_query, private.edited_message):
        observer.filter(~InGroup())
    officers = (
        blocking.router(),
        evidence.router(),
        history.router(),
        incidents.router(),
        answering.router(),
        inspector.router(),
        handover.router(),
        pings.router(),
        watching.router(),
        correcting.router(),
        tracing.router(),
        warnings.router(),
        approving.router(),
        planned.router(),
        campaigns.router(),
        roster.router(),
        staff.router(),
        statistics.router(),
        explain.router(),
        telling.router(),
    )
    first = (danger.router(), fallback.wrong_numbers(), start.router(), home.router(), answering.late_router())
    residents = (
        menu.router(),
        subscriptions.router(),
        help.router(),
        faq.router(),
        receipt.router(),
        story.router(),
        place.router(),
        money.router(),
        details.router(),
        tips.router(),
        proof.router(),
        aftercare.router(),
        pictures.router(),
        quotes.router(),
        mine.router(),
        precinct.router(),
        register.router(),
    )
    private.include_routers(*first, *residents, *officers, fallback.router())
    return [Switchboard(yard.router(), group.router(), private)]
