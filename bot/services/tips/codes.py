"""Secret codes of receipts: told once, kept only as a slow salted hash, and hashed before they are needed."""

import asyncio
import hashlib
import os
import secrets
from collections import deque
from dataclasses import dataclass

from bot.store import keys

DIGITS, GROUP = 12, 3
READY = 32  # a burst of tips, or what one takes in a quarter of a second to make
_COST = {"n": 2**11, "r": 8, "p": 1, "dklen": 32}  # five to ten milliseconds: docs/decisions says why no more


@dataclass(frozen=True, slots=True)
class FreshCode:
    """`code` is for its sender alone; the others are written down."""

    code: str
    salt: bytes
    digest: bytes


class Codes:
    """A few made in advance: a code knows nothing of its tip, and its hash is longer than the rest of a commit.

    Where none is ready, or nobody keeps them so, one is made on the spot."""

    def __init__(self) -> None:
        self._ready: deque[FreshCode] = deque()
        self._taken = asyncio.Event()

    @property
    def ready(self) -> int:
        return len(self._ready)

    def take(self) -> FreshCode:
        """Handed out once."""
        self._taken.set()
        return self._ready.popleft() if self._ready else make()

    async def keep_ready(self) -> None:
        """In a thread, one after another, until cancelled. hashlib lets the interpreter go meanwhile."""
        while True:
            self._taken.clear()
            while self.ready < READY:
                self._ready.append(await asyncio.to_thread(make))
            await self._taken.wait()


def make() -> FreshCode:
    code, salt = new_code(), os.urandom(16)
    return FreshCode(code, salt, digest_of(code, salt))


def new_code() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def grouped(code: str) -> str:
    """«123 456 789 012»: as it is shown and read out."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def digest_of(code: str, salt: bytes) -> bytes:
    """Over a keyed fingerprint: without the installation's pepper there is nothing to try codes against."""
    return hashlib.scrypt(keys.ring().fingerprint("receipt", code), salt=salt, **_COST)
