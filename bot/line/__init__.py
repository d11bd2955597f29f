"""What every command shares: settings, one loop, refusals as one line in Russian. Light: --help imports it."""

import asyncio
from typing import Any, NoReturn

import typer

from bot.errors import KorshiError


def refuse(reason: str) -> NoReturn:
    """Exit code 1: refused, with the reason on stderr."""
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def read() -> Any:
    """The settings, or the reason why they are refused."""
    from bot.config import read_settings

    try:
        return read_settings()
    except KorshiError as error:
        refuse(worded(error))


def run(work: Any) -> Any:
    """A refusal of the domain is one line, not a traceback."""
    try:
        return asyncio.run(work)
    except KorshiError as error:
        refusal = error
    except BaseExceptionGroup as group:
        inner: BaseException = group
        while isinstance(inner, BaseExceptionGroup):
            inner = inner.exceptions[0]
        if not isinstance(inner, KorshiError):
            raise
        refusal = inner
    refuse(worded(refusal))


def worded(refusal: KorshiError) -> str:
    """As the other lines of the command line: in Russian."""
    from bot.i18n import _, speaking
    from bot.terms import Language

    with speaking(Language.RU):
        return _(refusal.msgid, **refusal.facts)
