"""What a picture says beside its pixels: where and when it was taken, by whom, with what. None of it is kept."""

import io

from PIL import Image, ImageOps

# What a picture needs to look as it did; all else goes.
NEEDED = frozenset(
    {
        "adobe", "adobe_transform", "aspect", "background", "chromaticity", "dpi", "duration", "gamma", "icc_profile",
        "interlace", "jfif", "jfif_density", "jfif_unit", "jfif_version", "loop", "progression", "progressive", "srgb",
        "timestamp", "transparency",
    }
)  # fmt: skip
QUALITY = 90


def without_metadata(content: bytes, kind: str) -> bytes:
    """The picture without EXIF, XMP, comments and texts, turned as its EXIF said; as it is where it has none.

    :param kind: ``PNG``, ``JPEG`` or ``WEBP``, as its content says.
    """
    with Image.open(io.BytesIO(content), formats=[kind]) as picture:
        picture.load()
        if not picture.getexif() and set(picture.info) <= NEEDED:
            return content
        upright = ImageOps.exif_transpose(picture)
        kept = {"icc_profile": picture.info.get("icc_profile")}
        bare = upright.copy()
        bare.info = {name: value for name, value in upright.info.items() if name == "transparency"}
        bare.getexif().clear()
        stream = io.BytesIO()
        bare.save(stream, kind, quality=QUALITY, **kept)
    return stream.getvalue()
