"""The command line. Imports are inside the commands: --help must not pay for aiogram."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import __version__
from bot.errors import KorshiError

app = typer.Typer(
    help="Korshi: a police department talks with its residents on Telegram and WhatsApp.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _refuse(reason: str) -> NoReturn:
    """Exit code 1: refused, with the reason on stderr."""
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def _settings() -> Any:
    from bot.config import read_settings

    try:
        return read_settings()
    except KorshiError as error:
        _refuse(error.msgid.format(**error.facts))


def _run(work: Any) -> Any:
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
    _refuse(refusal.msgid.format(**refusal.facts))


def _version(value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show version.")] = False,
) -> None:
    """Korshi: a police department talks with its residents on Telegram and WhatsApp."""


@app.command()
def serve(
    migrate_first: Annotated[
        bool, typer.Option("--migrate", help="Bring the database to the newest schema first (one process only).")
    ] = False,
) -> None:
    """Run Korshi: webhooks or polling, dialogs, courier, campaigns."""
    settings = _settings()
    if migrate_first:
        from bot.commands import migrate_database

        _run(migrate_database(settings, "head"))
    from bot.app import serve as run_app
    from bot.setup import set_up_logs

    set_up_logs(settings.log_format)
    _run(run_app(settings))


@app.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="Target revision; “base” removes everything.")] = "head",
) -> None:
    """Bring the database to the newest schema and sow the data files."""
    settings = _settings()
    from bot.commands import migrate_database

    _run(migrate_database(settings, revision))
    typer.echo(f"The database is at {revision}.")


@app.command()
def keys() -> None:
    """Make the key files where they are missing (mode 600). Keep copies apart from the database's."""
    settings = _settings()
    from bot.setup import key_ring, make_keys

    make_keys(settings)
    try:
        key_ring(settings)
    except KorshiError as error:
        _refuse(error.msgid.format(**error.facts))
    typer.echo("The keys are in place.")


@app.command("load-territory")
def load_territory(
    path: Annotated[Path, typer.Argument(help="Folder with the department's files, or one GeoJSON of borders.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, write nothing.")] = False,
) -> None:
    """Check the department's files whole and load them; nothing is written unless all of it is right."""
    settings = _settings()
    from bot.commands import load_territory as run_load

    _run(run_load(settings, path, dry_run=dry_run, say=typer.echo))


@app.command()
def invite(
    badge: Annotated[str, typer.Argument(help="Badge of the officer; a new one with --role and names.")],
    role: Annotated[str | None, typer.Option(help="For a new officer: staff, head, admin, duty …")] = None,
    name_kk: Annotated[str, typer.Option(help="For a new officer: name in Kazakh.")] = "",
    name_ru: Annotated[str, typer.Option(help="For a new officer: name in Russian.")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long the link is valid.")] = 10,
) -> None:
    """Print a one-time link by which an officer joins with his own account."""
    settings = _settings()
    from bot.commands import Invitee, invite_officer

    for link in _run(invite_officer(settings, Invitee(badge, role, name_kk, name_ru, minutes))):
        typer.echo(link)


@app.command()
def doctor(
    json_output: Annotated[bool, typer.Option("--json", help="Machine-readable findings.")] = False,
) -> None:
    """Check settings, database, time zone, tokens, webhooks and templates, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine())
    if json_output:
        import json

        typer.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(str(finding))
    if any(not finding.is_fine for finding in findings):
        raise typer.Exit(1)


export = typer.Typer(help="Write out what the department needs elsewhere.", no_args_is_help=True)
app.add_typer(export, name="export")


@export.command("links")
def export_links() -> None:
    """Poster links of every precinct: code, name, Telegram and WhatsApp address (CSV)."""
    settings = _settings()
    from bot.commands import poster_links

    for line in _run(poster_links(settings)):
        typer.echo(line)


if __name__ == "__main__":
    sys.exit(app())
