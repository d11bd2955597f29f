"""Pictures: the place read, the copy bare, bombs and broken ones refused."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from bot.intake.content import Refused
from bot.intake.pictures import MOST_PIXELS, read_picture
from tests.stage import PNG


def picture(form: str = "JPEG", *, place: tuple[float, float] | None = None, turn: int = 1, **more: Any) -> bytes:
    """With the maker, the turn and, where given, the place in its tags."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Canon", turn
    if place is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for value, tag, name in (
            (place[0], ExifTags.GPS.GPSLatitude, "NS"),
            (place[1], ExifTags.GPS.GPSLongitude, "EW"),
        ):
            gps[tag - 1] = name[value < 0]
            gps[tag] = (float(int(abs(value))), abs(value) % 1 * 60, 0.0)
    out = io.BytesIO()
    Image.new(more.pop("mode", "RGB"), (40, 20), "red").save(out, form, exif=exif, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("place", [(51.125, 71.42), (-33.5, -70.25)])
def test_the_place_is_read_first_and_then_gone(form: str, place: tuple[float, float]) -> None:
    read = read_picture(picture(form, place=place), f"image/{form.lower()}")
    assert read.point == pytest.approx(place, abs=1e-5)
    assert b"Canon" not in read.working
    assert not opened(read.working).getexif()
    assert "exif" not in opened(read.working).info
    assert opened(read.working).format == form
    assert read_picture(read.working, f"image/{form.lower()}").point is None


def test_it_is_turned_as_it_was_meant() -> None:
    assert opened(read_picture(picture(turn=6), "image/jpeg").working).size == (20, 40)


def test_words_beside_the_pixels_go_too() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Canon owner")
    notes.add_itxt("XML:com.adobe.xmp", "Canon")
    for content, mime in (
        (picture("PNG", pnginfo=notes), "image/png"),
        (picture(comment=b"Canon owner"), "image/jpeg"),
        (picture(xmp=b"Canon"), "image/jpeg"),
    ):
        assert b"Canon" in content
        assert b"Canon" not in read_picture(content, mime).working


def test_a_moving_picture_keeps_moving() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue", "green")]
    for form in ("GIF", "WEBP"):
        out = io.BytesIO()
        more = {"comment": b"Canon"} if form == "GIF" else {"exif": opened(picture()).getexif()}
        frames[0].save(out, form, save_all=True, append_images=frames[1:], **more)
        read = read_picture(out.getvalue(), f"image/{form.lower()}")
        assert getattr(opened(read.working), "n_frames", 1) == 3
        assert b"Canon" not in read.working


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_every_kind_of_colour_is_written(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (4, 4)).save(out, "JPEG")
    assert opened(read_picture(out.getvalue(), "image/jpeg").working).size == (4, 4)
    assert read_picture(PNG, "image/png").working


def test_a_bomb_is_refused_by_its_size_before_it_is_unfolded() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(Refused) as refusal:
        read_picture(out.getvalue(), "image/png")
    assert refusal.value.reason == "too_many_pixels"


@pytest.mark.parametrize("values", [(91.0, 0.0, 0.0), (1.0,)])
def test_a_place_that_cannot_be_is_none(values: Any) -> None:
    exif = opened(picture(place=(1.5, 1.5))).getexif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude] = values
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG", exif=exif)
    assert read_picture(out.getvalue(), "image/jpeg").point is None


@given(st.integers(0, 700), st.integers(0, 255), st.integers(0, 700))
def test_spoilt_pictures_are_refused_or_read_and_nothing_else(at: int, byte: int, length: int) -> None:
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        content = bytearray(_SAMPLES[form])
        content[at % len(content)] = byte
        for spoilt in (bytes(content), bytes(content[: length % len(content) + 1])):
            assert b"Canon" not in told_by(spoilt, f"image/{form.lower()}")


def told_by(content: bytes, mime: str) -> bytes:
    try:
        return read_picture(content, mime).working
    except Refused as refusal:
        return refusal.reason.encode()


_SAMPLES = {form: picture(form, place=(51.1, 71.4)) for form in ("JPEG", "PNG", "WEBP")} | {"GIF": picture("GIF")}
