"""Encryption at rest: AES-GCM bound to table, column and row; keyed fingerprints for look-ups."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE = 12
_KEY_ID = 4


class KeyWrong(Exception):
    """A value cannot be opened: wrong key, or the value was moved or changed."""


class KeyRing:
    """Seals with the first key, opens with any. The pepper never rotates: persons are found by it."""

    def __init__(self, keys: Sequence[bytes], pepper: bytes) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys) or len(pepper) < KEY_BYTES:
            raise ValueError("keys and pepper are 32 bytes each")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])
        self._keyed = hmac.new(pepper, digestmod=hashlib.sha256)

    def seal(self, value: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, value, bound_to.encode())

    def open(self, blob: bytes, bound_to: str) -> bytes:
        cipher = self._ciphers.get(bytes(blob[:_KEY_ID]))
        if cipher is None:
            raise KeyWrong("sealed under a key this installation does not have")
        nonce, sealed = blob[_KEY_ID : _KEY_ID + _NONCE], blob[_KEY_ID + _NONCE :]
        try:
            return cipher.decrypt(nonce, sealed, bound_to.encode())
        except InvalidTag:
            raise KeyWrong(f"{bound_to} was changed or moved") from None

    def is_current(self, blob: bytes) -> bool:
        return bytes(blob[:_KEY_ID]) == self._current

    def fingerprint(self, purpose: str, *parts: object) -> bytes:
        """32 bytes that find a value without telling it. `purpose` keeps equal values of two columns apart."""
        keyed = self._keyed.copy()  # `hmac.digest` would give the interpreter away for each, and wait to get it back
        keyed.update("\x1f".join([purpose, *map(str, parts)]).encode())
        return keyed.digest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"korshi key id" + key).digest()[:_KEY_ID]


def parse_keys(text: str) -> list[bytes]:
    """Base64 keys separated by commas or lines. Raises ValueError."""
    keys = []
    for item in text.replace(",", "\n").split():
        try:
            keys.append(base64.b64decode(item, validate=True))
        except binascii.Error:
            raise ValueError("a key is not base64") from None
        if len(keys[-1]) != KEY_BYTES:
            raise ValueError(f"a key has {len(keys[-1])} bytes, not {KEY_BYTES}")
    return keys


def make_key_file(path: Path) -> None:
    """A new random key, readable by its owner only. An existing file is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")


_ring: ContextVar[KeyRing] = ContextVar("key ring")


def install(ring: KeyRing) -> None:
    """One installation, one key ring: the composition root puts it here before the first row is read.

    Tasks started from here have it; what runs beside them in the same process keeps its own."""
    _ring.set(ring)


def ring() -> KeyRing:
    try:
        return _ring.get()
    except LookupError:
        raise RuntimeError("no key ring is installed") from None
