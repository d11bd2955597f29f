"""Commands about ready answers."""

from pathlib import Path
from typing import Annotated

import typer

from bot.line import read, run

answers = typer.Typer(help="Ready answers of the department: take them out, change them, load them.",
                      no_args_is_help=True)  # fmt: skip


@answers.command("load")
def answers_load(
    path: Annotated[Path, typer.Argument(help="TOML file, as “answers export” writes it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, write nothing.")] = False,
) -> None:
    """Check the file whole and put its answers in the place of the present ones; a fault anywhere refuses it."""
    settings = read()
    from bot.commands.answers import load_answers

    run(load_answers(settings, path, is_dry=dry_run, say=typer.echo))


@answers.command("export")
def answers_export() -> None:
    """Print the present answers as a file that can be changed and loaded again."""
    settings = read()
    from bot.commands.answers import export_answers

    for line in run(export_answers(settings)):
        typer.echo(line)
