"""`python -m simulator`: the stand-ins as a process of their own."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from pathlib import Path

from simulator.app import running
from simulator.settings import DEFAULT_WHATSAPP_SENDER, Settings


def parse(arguments: list[str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Stand-ins for Telegram and Twilio, with phones in the browser. Nothing leaves this machine.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--state", type=Path, help="file that keeps the world between runs")
    parser.add_argument("--people", type=Path, help='JSON: {"people": [...], "groups": [...]}')
    parser.add_argument("--templates", type=Path, help="JSON: approved WhatsApp templates")
    parser.add_argument("--bot-url", default="http://127.0.0.1:8080", help="where the bot's web server listens")
    parser.add_argument("--public-url", default="", help="the address the bot believes in, if another")
    parser.add_argument("--own-url", default="", help="address of this server in media links")
    parser.add_argument("--token", default="", help="the only bot token accepted")
    parser.add_argument("--bot-username", default="korshi_bot")
    parser.add_argument("--bot-name", default="Korshi")
    parser.add_argument("--account-sid", default="", help="the only Twilio account accepted")
    parser.add_argument("--auth-token", default="", help="its token: checked, and used to sign webhooks")
    parser.add_argument("--whatsapp-sender", default=DEFAULT_WHATSAPP_SENDER, help="whatsapp:+7…")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429 by itself")
    given = parser.parse_args(arguments)
    for name in ("people", "templates"):
        path: Path | None = getattr(given, name)
        if path is not None and not path.is_file():
            parser.error(f"--{name}: no such file: {path}")
    values = vars(given)
    values["enforce_limits"] = not values.pop("no_limits")
    return Settings(**values)


async def serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with running(settings) as stand_in:
        gc.collect()
        gc.freeze()
        print(f"Stand-ins for Telegram and Twilio: {stand_in.url}", flush=True)
        await stop.wait()


def main() -> int:
    settings = parse()
    try:
        asyncio.run(serve(settings))
    except OSError as trouble:
        print(f"cannot listen on {settings.host}:{settings.port}: {trouble.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
