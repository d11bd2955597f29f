"""Commands that write out what the department needs elsewhere."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.line import read, run

export = typer.Typer(help="Write out what the department needs elsewhere.", no_args_is_help=True)


@export.command("links")
def export_links() -> None:
    """Poster links of every precinct: code, name, Telegram and WhatsApp address (CSV)."""
    settings = read()
    from bot.commands import poster_links

    for line in run(poster_links(settings)):
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
    settings = read()
    from bot.poster.gathering import write_posters

    run(write_posters(settings, precinct, out, typer.echo))


@export.command("evidence")
def export_evidence(
    number: Annotated[int, typer.Argument(help="Number of the tip.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
) -> None:
    """What the sender of a tip told and sent, as one PDF and one JSON file. It is written to the log of actions."""
    settings = read()
    from bot.commands.exports import evidence

    run(evidence(settings, number, out, typer.echo))


@export.command("misroutes")
def export_misroutes(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tips sent from this day on.")] = None,
) -> None:
    """How many tips first went to a wrong holder, by category and border, and what silence moved on (CSV)."""
    settings = read()
    from bot.commands.exports import misroutes

    for line in run(misroutes(settings, since.date() if since else None)):
        typer.echo(line)


@export.command("map")
def export_map(path: Annotated[Path, typer.Argument(help="The HTML file to write.")]) -> None:
    """The active territory as one page with a map that opens without a network."""
    settings = read()
    from bot.commands.territory import draw

    run(draw(settings, path, typer.echo))
