"""The command line. Imports are inside the commands: --help must not pay for aiogram."""

import asyncio
import sys
from datetime import datetime
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
        _refuse(_worded(error))


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
    _refuse(_worded(refusal))


def _worded(refusal: KorshiError) -> str:
    """As the other lines of the command line: in Russian."""
    from bot.i18n import _, speaking
    from bot.terms import Language

    with speaking(Language.RU):
        return _(refusal.msgid, **refusal.facts)


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


keys = typer.Typer(help="Make the key files; seal anew after a change of keys.", invoke_without_command=True)
app.add_typer(keys, name="keys")


@keys.callback()
def make_missing_keys(context: typer.Context) -> None:
    """Make the key files where they are missing (mode 600). Keep copies apart from the database's."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings()
    from bot.setup import key_ring, make_keys

    make_keys(settings)
    try:
        key_ring(settings)
    except KorshiError as error:
        _refuse(_worded(error))
    typer.echo("The keys are in place.")


@keys.command("reseal")
def keys_reseal() -> None:
    """Seal rows and files anew that lie under an old key. May be stopped and said again; Korshi may run meanwhile."""
    settings = _settings()
    from bot.commands_keys import reseal

    _run(reseal(settings, typer.echo))


audit = typer.Typer(help="The log of who did what with whose data.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@audit.command("verify")
def audit_verify() -> None:
    """Say whether the chain holds, and the first broken entry where it does not (exit code 1)."""
    settings = _settings()
    from bot.commands_keys import verify_audit

    _run(verify_audit(settings, typer.echo))


@app.command("load-territory")
def load_territory(
    path: Annotated[Path, typer.Argument(help="Folder with the department's files, one GeoJSON, or one list.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, show what would change, write nothing.")] = False,
    activate: Annotated[bool, typer.Option("--activate", help="Switch to it at once; the first always is.")] = False,
) -> None:
    """Check the department's files whole and load them; nothing is written unless all of it is right."""
    settings = _settings()
    from bot.territory_commands import load

    _run(load(settings, path, is_dry=dry_run, activate=activate, say=typer.echo))


territory = typer.Typer(help="Look at the loaded generations of the territory and switch between them.",
                        no_args_is_help=True)  # fmt: skip
app.add_typer(territory, name="territory")


@territory.command("list")
def territory_list() -> None:
    """Every generation, the newest first."""
    settings = _settings()
    from bot.territory_commands import generations

    for line in _run(generations(settings)):
        typer.echo(line)


@territory.command("compare")
def territory_compare(
    generation: Annotated[int | None, typer.Argument(help="Its number; without one the newest that waits.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with a map here, too.")] = None,
) -> None:
    """What would change: precincts, houses, chats, open tips, posts. Nothing is written to the database."""
    settings = _settings()
    from bot.territory_commands import comparison

    _run(comparison(settings, generation, html, typer.echo))


@territory.command("activate")
def territory_activate(
    generation: Annotated[int, typer.Argument(help="Its number, as “territory list” shows it.")],
) -> None:
    """Switch to a loaded generation at one moment; a running Korshi follows within seconds."""
    settings = _settings()
    from bot.territory_commands import activate

    _run(activate(settings, generation, typer.echo))


@territory.command("rollback")
def territory_rollback() -> None:
    """Switch back to the generation that was active before; said twice, the switch is back where it was."""
    settings = _settings()
    from bot.territory_commands import go_back

    _run(go_back(settings, typer.echo))


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
def explain(
    number: Annotated[int | None, typer.Argument(help="Number of a tip: how it was decided then.")] = None,
    category: Annotated[str, typer.Option(help="Without a number: code of the category.")] = "suspicious",
    point: Annotated[str | None, typer.Option(help="LAT,LON of the place.")] = None,
    address: Annotated[str | None, typer.Option(help="The place as people write it.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Moment in the department's time; now if not given.")] = None,
    words: Annotated[str, typer.Option(help="What the sender would write.")] = "",
) -> None:
    """Say who holds a tip and why: the rule that won and those that lost. Nothing is written."""
    settings = _settings()
    from bot.commands_explain import Asked, NothingToExplain, explain_place, explain_tip

    if number is not None:
        _run(explain_tip(settings, number, typer.echo))
    elif point is None and address is None:
        _refuse(_worded(NothingToExplain()))
    else:
        _run(explain_place(settings, Asked(category, point, address, at, words), typer.echo))


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


answers = typer.Typer(help="Ready answers of the department: take them out, change them, load them.",
                      no_args_is_help=True)  # fmt: skip
app.add_typer(answers, name="answers")


@answers.command("load")
def answers_load(
    path: Annotated[Path, typer.Argument(help="TOML file, as “answers export” writes it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, write nothing.")] = False,
) -> None:
    """Check the file whole and put its answers in the place of the present ones; a fault anywhere refuses it."""
    settings = _settings()
    from bot.commands_answers import load_answers

    _run(load_answers(settings, path, is_dry=dry_run, say=typer.echo))


@answers.command("export")
def answers_export() -> None:
    """Print the present answers as a file that can be changed and loaded again."""
    settings = _settings()
    from bot.commands_answers import export_answers

    for line in _run(export_answers(settings)):
        typer.echo(line)


export = typer.Typer(help="Write out what the department needs elsewhere.", no_args_is_help=True)
app.add_typer(export, name="export")


@export.command("links")
def export_links() -> None:
    """Poster links of every precinct: code, name, Telegram and WhatsApp address (CSV)."""
    settings = _settings()
    from bot.commands import poster_links

    for line in _run(poster_links(settings)):
        typer.echo(line)


@export.command("poster")
def export_poster(
    precinct: Annotated[str | None, typer.Argument(help="Code of the precinct.")] = None,
    is_for_all: Annotated[bool, typer.Option("--all", help="One file for every precinct.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file; with --all the folder. Default: poster-CODE.pdf.")] = None,
) -> None:
    """A4 page for the entrance hall: the inspector's card, whom to call, QR codes that open the talk (PDF)."""
    if (precinct is None) != is_for_all:
        raise typer.BadParameter("Give the code of a precinct, or --all.")
    settings = _settings()
    from bot.poster.gathering import write_posters

    _run(write_posters(settings, precinct, out, typer.echo))


@export.command("evidence")
def export_evidence(
    number: Annotated[int, typer.Argument(help="Number of the tip.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
) -> None:
    """What the sender of a tip told and sent, as one PDF and one JSON file. It is written to the log of actions."""
    settings = _settings()
    from bot.exports import evidence

    _run(evidence(settings, number, out, typer.echo))


@export.command("misroutes")
def export_misroutes(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tips sent from this day on.")] = None,
) -> None:
    """How many tips first went to a wrong holder, by category and border, and what silence moved on (CSV)."""
    settings = _settings()
    from bot.exports import misroutes

    for line in _run(misroutes(settings, since.date() if since else None)):
        typer.echo(line)


@export.command("map")
def export_map(path: Annotated[Path, typer.Argument(help="The HTML file to write.")]) -> None:
    """The active territory as one page with a map that opens without a network."""
    settings = _settings()
    from bot.territory_commands import draw

    _run(draw(settings, path, typer.echo))


if __name__ == "__main__":
    sys.exit(app())
