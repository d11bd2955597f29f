"""What a file is, by its bytes alone; what can do harm is refused."""

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.content import Refused, kind_of
from tests.stage import PNG


def packed(*names: str, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write(0, 0, "Күні")
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0....", "image/jpeg"), (b"GIF89a....", "image/gif"),
        (b"OggS....", "audio/ogg"), (b"%PDF-1.7", "application/pdf"), (b"ID3....", "audio/mpeg"),
        (b"\0\0\0\x20ftypisom....", "video/mp4"), (b"RIFF....WEBPVP8 ", "image/webp"), (b"#!AMR\n..", "audio/amr"),
        (b"\0\0\0\x20ftypqt  ....", "video/quicktime"), (b"\0\0\0\x20ftypM4A ....", "audio/mp4"),
        ("Күні; сомасы\n1;2".encode(), "text/plain"), ("Сумма".encode("cp1251"), "text/plain"),
        (b"BEGIN:VCARD\nFN:A", "text/vcard"), (workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (packed("[Content_Types].xml", "word/document.xml"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (packed(mimetype=b"application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a letter", "application/x-ole-storage"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(content: bytes, mime: str) -> None:
    assert kind_of(content) == mime


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"), (b"MZ\x90", "dangerous"), (b"\x7fELF", "dangerous"), (b"#!/bin/sh", "dangerous"),
        (b"Rar!\x1a", "dangerous"), (b"7z\xbc\xaf\x27", "dangerous"), (packed("a.txt"), "dangerous"),
        (packed("AndroidManifest.xml", "classes.dex"), "dangerous"), (b"PK\x03\x04 broken", "dangerous"),
        (packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "dangerous"),
        (packed("[Content_Types].xml", "word/embeddings/oleObject1.bin"), "dangerous"),
        (packed("Scripts/a.py", mimetype=b"application/vnd.oasis.opendocument.text"), "dangerous"),
        (b"%PDF-1.7 /OpenAction << /S /JavaScript >>", "dangerous"), (b"%PDF-1.4 /Launch", "dangerous"),
        (b"  <!DOCTYPE html><html>", "dangerous"), (b"<svg xmlns='x'>", "dangerous"), (b"<?php echo 1", "dangerous"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "dangerous"),
        (b"\0\0\0\x20ftypheic....", "wrong_type"), (b"\0\0\0\x20ftypavif....", "wrong_type"),
        (b"words\0and zeros", "wrong_type"), (b"\x01\x02\xff\xfe\x03", "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_not_taken(content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        kind_of(content)
    assert refusal.value.reason == reason


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"RIFF", b"\0\0\0\x20ftyp"]))
def test_any_bytes_are_named_or_refused(content: bytes, head: bytes) -> None:
    said = named(head + content)
    assert "/" in said or said in ("dangerous", "wrong_type", "empty")


def named(content: bytes) -> str:
    try:
        return kind_of(content)
    except Refused as refusal:
        return refusal.reason
