"""The command line. Imports are inside the commands: --help must not pay for aiogram."""

import asyncio
import gc
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.line import read, refuse, run, worded
from bot.line.answers import answers
from bot.line.exports import export
from bot.line.keys import audit, keys
from bot.line.territory import territory

app = typer.Typer(
    help="Korshi: a police department talks with its residents on Telegram and WhatsApp.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for name, group in (
    ("keys", keys),
    ("audit", audit),
    ("territory", territory),
    ("answers", answers),
    ("export", export),
):
    app.add_typer(group, name=name)


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
    gc.disable()  # nothing of a start is garbage, and each look costs more than the last; the App looks once at its end
    settings = read()
    if migrate_first:
        from bot.commands import migrate_database

        run(migrate_database(settings, "head"))
    from bot.late_models import import_late

    import_late("fastapi")
    from bot.app import serve as run_app
    from bot.setup import set_up_logs

    set_up_logs(settings.log_format)
    run(run_app(settings))


@app.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="Target revision; “base” removes everything.")] = "head",
) -> None:
    """Bring the database to the newest schema and sow the data files."""
    settings = read()
    from bot.commands import migrate_database

    run(migrate_database(settings, revision))
    typer.echo(f"The database is at {revision}.")


@app.command("load-territory")
def load_territory(
    path: Annotated[Path, typer.Argument(help="Folder with the department's files, one GeoJSON, or one list.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, show what would change, write nothing.")] = False,
    activate: Annotated[bool, typer.Option("--activate", help="Switch to it at once; the first always is.")] = False,
) -> None:
    """Check the department's files whole and load them; nothing is written unless all of it is right."""
    settings = read()
    from bot.commands.territory import load

    run(load(settings, path, is_dry=dry_run, activate=activate, say=typer.echo))


@app.command()
def invite(
    badge: Annotated[str, typer.Argument(help="Badge of the officer; a new one with --role and names.")],
    role: Annotated[str | None, typer.Option(help="For a new officer: staff, head, admin, duty …")] = None,
    name_kk: Annotated[str, typer.Option(help="For a new officer: name in Kazakh.")] = "",
    name_ru: Annotated[str, typer.Option(help="For a new officer: name in Russian.")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long the link is valid.")] = 10,
) -> None:
    """Print a one-time link by which an officer joins with his own account."""
    settings = read()
    from bot.commands import Invitee, invite_officer

    for link in run(invite_officer(settings, Invitee(badge, role, name_kk, name_ru, minutes))):
        typer.echo(link)


@app.command()
def explain(
    number: Annotated[int | None, typer.Argument(help="Number of a tip: how it was decided then.")] = None,
    category: Annotated[str, typer.Option(help="Without a number: code of the category.")] = "suspicious",
    point: Annotated[str | None, typer.Option(help="LAT,LON of the place.")] = None,
    address: Annotated[str | None, typer.Option(help="The place as people write it.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Moment in the department's time; now if not given.")] = None,
    words: Annotated[str, typer.Option(help="What the sender would write.")] = "",
) -> None:
    """Say who holds a tip and why: the rule that won and those that lost. Nothing is written."""
    settings = read()
    from bot.commands.explain import Asked, NothingToExplain, explain_place, explain_tip

    if number is not None:
        run(explain_tip(settings, number, typer.echo))
    elif point is None and address is None:
        refuse(worded(NothingToExplain()))
    else:
        run(explain_place(settings, Asked(category, point, address, at, words), typer.echo))


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


if __name__ == "__main__":
    sys.exit(app())
