"""Commands about keys and the log of actions."""

import typer

from bot.errors import KorshiError
from bot.line import read, refuse, run, worded

keys = typer.Typer(help="Make the key files; seal anew after a change of keys.", invoke_without_command=True)


@keys.callback()
def make_missing_keys(context: typer.Context) -> None:
    """Make the key files where they are missing (mode 600). Keep copies apart from the database's."""
    if context.invoked_subcommand is not None:
        return
    settings = read()
    from bot.setup import key_ring, make_keys

    make_keys(settings)
    try:
        key_ring(settings)
    except KorshiError as error:
        refuse(worded(error))
    typer.echo("The keys are in place.")


@keys.command("reseal")
def keys_reseal() -> None:
    """Seal rows and files anew that lie under an old key. May be stopped and said again; Korshi may run meanwhile."""
    settings = read()
    from bot.commands.keys import reseal

    run(reseal(settings, typer.echo))


audit = typer.Typer(help="The log of who did what with whose data.", no_args_is_help=True)


@audit.command("verify")
def audit_verify() -> None:
    """Say whether the chain holds, and the first broken entry where it does not (exit code 1)."""
    settings = read()
    from bot.commands.keys import verify_audit

    run(verify_audit(settings, typer.echo))
