"""What a file is, by its bytes: a name or a header is the sender's word. What can do harm when opened is refused."""

import io
import zipfile

DANGEROUS, WRONG, EMPTY, BROKEN = "dangerous", "wrong_type", "empty", "broken"  # reasons of a refusal
HEAD = 1024
MOST_ENTRIES = 20_000  # of an office file

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"fLaC", "audio/flac"),
    (b"{\\rtf", "application/rtf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_HARMFUL = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"#!", b"Rar!", b"7z\xbc\xaf",
    b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF", b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"!<arch>",
)  # fmt: skip
_PICTURES_UNREAD = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_IN_PDF = (b"/JavaScript", b"/JS ", b"/JS(", b"/JS<", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")
_IN_TEXT = (b"<html", b"<script", b"<svg", b"<!doctype", b"<?xml", b"<?php", b"<hta", b"@echo", b"powershell")
_MACROS = ("vbaproject.bin", "activex", "oleobject", "/embeddings/", "externallink")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_MACROS = tuple(word.encode("utf-16-le") for word in ("_VBA_PROJECT", "Ole10Native", "EncryptedPackage"))


class Refused(Exception):
    """The file is not taken. `reason` is a code, worded when the sender is told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def kind_of(content: bytes) -> str:
    """The media type. Raises Refused for archives, programs, macros, pages, pictures nobody can look into."""
    if not content:
        raise Refused(EMPTY)
    head = content[:HEAD]
    if head[4:8] == b"ftyp":
        return _film(head)
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    found = next((mime for magic, mime in _MAGIC if head.startswith(magic)), None)
    if found is not None:
        return found
    if b"%PDF-" in head:
        return _pdf(content)
    if head.startswith(b"PK"):
        return _packed(content)
    if head.startswith(_OLE):
        if any(word in content for word in _OLE_MACROS):
            raise Refused(DANGEROUS)
        return "application/x-ole-storage"
    if head.startswith(_HARMFUL):
        raise Refused(DANGEROUS)
    return _text(content)


def _film(head: bytes) -> str:
    brand = head[8:12]
    if brand in _PICTURES_UNREAD:
        raise Refused(WRONG)  # its place and time could not be taken out of it
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _pdf(content: bytes) -> str:
    if any(word in content for word in _IN_PDF):
        raise Refused(DANGEROUS)
    return "application/pdf"


def _packed(content: bytes) -> str:
    """An office document without macros, and nothing else that is packed: what is inside an archive nobody has seen."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = [name.casefold() for name in packed.namelist()[:MOST_ENTRIES]]
            first = packed.read("mimetype")[:200] if "mimetype" in names and _is_small(packed, "mimetype") else b""
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError, OSError, KeyError):
        raise Refused(DANGEROUS) from None
    if any(mark in name for name in names for mark in _MACROS):
        raise Refused(DANGEROUS)
    if "[content_types].xml" in names:
        for folder, mime in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return mime
    if first.startswith(_OPEN_DOCUMENT) and not any(name.startswith(("basic/", "scripts/")) for name in names):
        return first.decode("ascii", "replace").strip()[:80]
    raise Refused(DANGEROUS)


def _is_small(packed: zipfile.ZipFile, name: str) -> bool:
    return packed.getinfo(name).file_size <= HEAD


def _text(content: bytes) -> str:
    """Plain words, cards of contacts, tables; a page or a script is none."""
    start = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if any(word in start for word in _IN_TEXT):
        raise Refused(DANGEROUS)
    if b"\0" in content:
        raise Refused(WRONG)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if sum(byte < 32 and byte not in b"\t\r\n\f" for byte in content[:HEAD]):
            raise Refused(WRONG) from None
    return "text/vcard" if start.startswith(b"begin:vcard") else "text/plain"
