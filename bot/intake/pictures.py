"""Pictures: verified, where they were taken read, and written anew without what else they tell of their maker."""

import io
import warnings
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from bot.intake.content import BROKEN, Refused

MOST_PIXELS = 64_000_000  # of all frames together: a small file may unfold into gigabytes
MOST_FRAMES = 300
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
TOO_MANY_PIXELS = "too_many_pixels"
QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """`working` is what is shown; `point` is where the original says that it was taken."""

    working: bytes
    point: tuple[float, float] | None


def read_picture(content: bytes, mime: str) -> Picture:
    """Takes a moment of CPU: for a thread. Raises Refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about bombs and odd tags: both are looked at here
            with Image.open(io.BytesIO(content), formats=[FORMATS[mime]]) as image:
                frames = getattr(image, "n_frames", 1)
                if image.width * image.height * frames > MOST_PIXELS or frames > MOST_FRAMES:
                    raise Refused(TOO_MANY_PIXELS)
                point = _point_of(image)
                return Picture(_anew(image, FORMATS[mime], frames), point)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, TypeError, KeyError,
            IndexError, EOFError, ArithmeticError, MemoryError):  # fmt: skip
        raise Refused(BROKEN) from None


def _point_of(image: Image.Image) -> tuple[float, float] | None:
    """Latitude and longitude; None for what is not there or cannot be."""
    try:
        place = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLatitudeRef] == "S")
        longitude = _degrees(place[ExifTags.GPS.GPSLongitude], place[ExifTags.GPS.GPSLongitudeRef] == "W")
    except Exception:  # noqa: BLE001 - whatever somebody wrote there: the picture itself is not worse for it
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude, longitude) == (0, 0):
        return None
    return round(latitude, 6), round(longitude, 6)


def _degrees(parts: tuple[float, float, float], is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    whole = degrees + minutes / 60 + seconds / 3600
    return -whole if is_negative else whole


def _anew(image: Image.Image, form: str, frames: int) -> bytes:
    """Pixels alone, turned the way they are meant to be seen; a moving picture keeps moving."""
    out = io.BytesIO()
    if frames > 1 and form in ("GIF", "WEBP"):
        image.save(out, form, save_all=True, exif=b"", xmp=b"", comment=b"")
        return out.getvalue()
    turned = ImageOps.exif_transpose(image)
    turned.load()
    if form == "JPEG" and turned.mode not in ("L", "RGB"):
        turned = turned.convert("RGB")
    bare = turned.copy()
    bare.info = {name: value for name, value in turned.info.items() if name == "transparency"}
    if hasattr(bare, "_exif"):
        bare._exif = None
    options = {"quality": QUALITY} if form in ("JPEG", "WEBP") else {}
    bare.save(out, form, exif=b"", **options) if form != "GIF" else bare.save(out, form)
    return out.getvalue()
