"""What a file is that cannot be read as a picture, by how it begins."""

from __future__ import annotations

DRAWING = "export it as PNG"
PHOTO = "save it as JPEG or PNG"

_BRANDS = {
    b"heic": "a HEIC photo", b"heix": "a HEIC photo", b"heim": "a HEIC photo",
    b"heis": "a HEIC photo", b"hevc": "a HEIC sequence", b"hevx": "a HEIC sequence",
    b"mif1": "a HEIF photo", b"msf1": "a HEIF sequence",
    b"avif": "a damaged AVIF picture", b"avis": "a damaged AVIF sequence",
    b"crx ": "a camera's raw file", b"jxl ": "a JPEG XL picture",
}  # fmt: skip
"""What follows ``ftyp`` in files of the ISO container; other brands are films."""

_BEGINNINGS = (
    (b"\x89PNG", "a damaged PNG", "copy or export it again"),
    (b"\xff\xd8\xff", "a damaged JPEG", "copy or export it again"),
    (b"GIF8", "a damaged GIF", "copy or export it again"),
    (b"\xff\x0a", "a JPEG XL picture", PHOTO),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture", PHOTO),
    (b"%PDF", "a PDF document", DRAWING),
    (b"%!PS", "a PostScript drawing", DRAWING),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing", DRAWING),
    (b"v/1\x01", "an OpenEXR picture", PHOTO),
    (b"#?RADIANCE", "a Radiance picture", PHOTO),
    (b"#?RGBE", "a Radiance picture", PHOTO),
    (b"II*\0", "a damaged TIFF, or one with values of an unknown kind", PHOTO),
    (b"MM\0*", "a damaged TIFF, or one with values of an unknown kind", PHOTO),
    (b"version https://git-lfs", "a pointer of Git LFS", "fetch the picture with 'git lfs pull'"),
)


def kind_of(start: bytes) -> tuple[str, str] | None:
    """Say what a file is and what to do with it.

    Parameters
    ----------
    start : bytes
        The first thousand bytes or so.

    Returns
    -------
    (str, str) or None
        A noun and an advice; None where the beginning tells nothing.
    """
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "a film"), PHOTO
    for beginning, name, advice in _BEGINNINGS:
        if start.startswith(beginning):
            return name, advice
    text = start.lower()
    if b"<svg" in text:
        return "an SVG drawing", DRAWING
    if b"<html" in text or text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<!doctype html"):
        return "a web page", "save the picture itself"
    return None
