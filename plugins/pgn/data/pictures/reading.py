"""A picture file to RGBA, with a sentence for everything that was assumed."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError

from prune3d_gui.core.errors import BadInput

from .kinds import kind_of
from .levels import eight_bits

MOST_PIXELS = 50_000_000

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by the orientation that EXIF notes."""

_DRAWN = ("EPS", "WMF")
_SUBFILE, _PHOTOMETRIC, _WHITE_IS_ZERO = 254, 262, 0
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}


@dataclass(frozen=True)
class Picture:
    """A picture that was read.

    Attributes
    ----------
    image : Image, RGBA
        Upright.
    notices : tuple of str
        What was assumed or done while reading, in sentences.
    """

    image: Image.Image
    notices: tuple[str, ...]


def read_picture(path: Path) -> Picture:
    """Read a picture of any kind that Pillow knows, up to 50 megapixels.

    Raises
    ------
    BadInput
        When the file is missing, no picture, of a kind that is not read, cut short, damaged
        or too large; the sentence says which.
    """
    start = _beginning(path)
    large = BadInput(
        f"'{path.name}' has more than {MOST_PIXELS // 1_000_000} megapixels; scale it down first."
    )
    try:
        with warnings.catch_warnings(record=True) as told:
            # Of all that Pillow warns of only size is a reason to stop.
            warnings.simplefilter("always")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                if file.width * file.height > MOST_PIXELS:
                    raise large
                if file.format in _DRAWN:
                    raise UnidentifiedImageError
                _check_sums(path, file.format)
                return _taken(path, file, told)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise large from error
    except BadInput:
        raise
    except UnidentifiedImageError as error:
        what, advice = kind_of(start) or ("of no kind that is known", "choose a PNG or JPEG")
        raise _unreadable(path, f"it is {what}", advice) from error
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        short = isinstance(error, EOFError) or "truncated" in str(error)
        what = "it is cut short" if short else "its data are damaged"
        raise _unreadable(path, what, "copy or export it again") from error


def _beginning(path: Path) -> bytes:
    if path.is_dir():
        raise BadInput(f"'{path.name}' is a folder; choose a picture in it.")
    if not path.exists():
        raise BadInput(f"'{path}' does not exist; check the name or choose another picture.")
    if not path.is_file():
        raise BadInput(f"'{path}' is not a file; choose a picture.")
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        raise BadInput(
            f"'{path.name}' cannot be read ({error.strerror}); check who may read it."
        ) from error
    if not start:
        raise _unreadable(path, "it is empty", "copy or export it again")
    return start


def _unreadable(path: Path, why: str, advice: str) -> BadInput:
    return BadInput(f"'{path.name}' is not a readable picture: {why}; {advice}.")


def _check_sums(path: Path, form: str | None) -> None:
    """Let Pillow compare a PNG's check sums, which loading alone does not do."""
    if form == "PNG":
        with Image.open(path) as again, contextlib.suppress(OSError):  # loading sees a cut one
            again.verify()


def _taken(path: Path, file: Image.Image, told: list[warnings.WarningMessage]) -> Picture:
    notices = []
    tags = getattr(file, "tag_v2", {})
    if tags.get(_SUBFILE, 0) & 1:
        notices.append("The file's first picture is a small preview, and that one is used.")
    inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    noted = _orientation(file)
    file.load()
    image, assumed = eight_bits(file, inverted)
    notices += assumed
    if image.mode == "LAB":
        raise _unreadable(path, "its colours are LAB, which are not read", "save it as RGB")
    image = image.convert(_STRAIGHT.get(image.mode, image.mode)).convert("RGBA")
    turn = _TURNS.get(_orientation(file) or 0)  # Pillow turns a TIFF itself and forgets the note
    image = image if turn is None else image.transpose(turn)
    if noted in _TURNS:
        notices.append("The picture was turned upright, as its EXIF orientation says.")
    elif noted is None and any("exif" in str(one.message).lower() for one in told):
        notices.append(
            "Its EXIF block is damaged, so the picture was not turned; check that it is upright."
        )
    pages = _pages(file)  # last, since counting may move to another one
    if pages > 1:
        notices.insert(0, f"The file holds {pages:,} pictures; the first one is used.")
    return Picture(image, tuple(notices))


def _pages(file: Image.Image) -> int:
    if file.format == "PSD":  # it counts layers, and opens as all of them together
        return 1
    try:
        return getattr(file, "n_frames", 1)
    except Exception:  # a later picture is damaged, and the first one is all that is asked for
        return 1


def _orientation(file: Image.Image) -> int | None:
    """The orientation that is noted; None where there is none or it cannot be read."""
    try:
        return file.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a damaged block says nothing about the pixels
        return None
