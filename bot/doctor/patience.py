"""Nothing may keep the command waiting: neither a silent server nor a dead name server."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from bot.doctor.findings import Examination
from bot.i18n import _, number

CHECK_SECONDS = 10.0

P = ParamSpec("P")
T = TypeVar("T")


async def in_time(subject: str, check: Coroutine[Any, Any, Examination]) -> Examination:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check
    except TimeoutError:
        late = Examination()
        what = _("{subject}: no answer within {seconds} seconds.", subject=subject, seconds=number(CHECK_SECONDS))
        late.fault(what, _("check the network, the name server and the firewall"))
        return late


class Abandoned(ThreadPoolExecutor):
    """Name look-ups run in daemon threads: the usual pool would hold up the exit until they end."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - carried to whoever waits
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future
