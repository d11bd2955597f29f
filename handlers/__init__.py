"""Conversations, one a file, each deletable. This list alone names them; the order is the order of asking."""

from aiogram import Router

from bot.speech.filters import InGroup


def routers() -> list[Router]:
    """Fresh routers: a router belongs to one dispatcher. Danger is asked first, fallback last."""
    from handlers import (
        campaigns,
        danger,
        fallback,
        group,
        help,
        inspector,
        menu,
        mine,
        precinct,
        staff,
        start,
        tips,
        warnings,
    )

    private = Router(name="private")
    for observer in (private.message, private.callback_query, private.edited_message):
        observer.filter(~InGroup())
    officers = (inspector.router(), warnings.router(), campaigns.router(), staff.router())
    first = (danger.router(), fallback.wrong_numbers(), start.router(), inspector.late_router())
    residents = (menu.router(), help.router(), tips.router(), mine.router(), precinct.router())
    private.include_routers(*first, *residents, *officers, fallback.router())
    return [group.router(), private]
