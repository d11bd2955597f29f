"""Commands about generations of the territory."""

from pathlib import Path
from typing import Annotated

import typer

from bot.line import read, run

territory = typer.Typer(help="Look at the loaded generations of the territory and switch between them.",
                        no_args_is_help=True)  # fmt: skip


@territory.command("list")
def territory_list() -> None:
    """Every generation, the newest first."""
    settings = read()
    from bot.commands.territory import generations

    for line in run(generations(settings)):
        typer.echo(line)


@territory.command("compare")
def territory_compare(
    generation: Annotated[int | None, typer.Argument(help="Its number; without one the newest that waits.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with a map here, too.")] = None,
) -> None:
    """What would change: precincts, houses, chats, open tips, posts. Nothing is written to the database."""
    settings = read()
    from bot.commands.territory import comparison

    run(comparison(settings, generation, html, typer.echo))


@territory.command("activate")
def territory_activate(
    generation: Annotated[int, typer.Argument(help="Its number, as “territory list” shows it.")],
) -> None:
    """Switch to a loaded generation at one moment; a running Korshi follows within seconds."""
    settings = read()
    from bot.commands.territory import activate

    run(activate(settings, generation, typer.echo))


@territory.command("rollback")
def territory_rollback() -> None:
    """Switch back to the generation that was active before; said twice, the switch is back where it was."""
    settings = read()
    from bot.commands.territory import go_back

    run(go_back(settings, typer.echo))
