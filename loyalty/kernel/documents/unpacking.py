"""Our fonts as every PDF engine reads them."""

import base64
import io
from pathlib import Path

from fontTools.ttLib import TTFont

PRIVATE_USE = range(0xE000, 0xF900)


def unpacked(path: Path) -> str:
    """A WOFF2 file as a plain font in base64."""
    font = TTFont(path)
    font.flavor = None
    # Copied text names a glyph by one of its characters: without the private ones it is the one that people typed.
    for table in font["cmap"].tables:
        table.cmap = {code: glyph for code, glyph in table.cmap.items() if code not in PRIVATE_USE}
    plain = io.BytesIO()
    font.save(plain)
    return base64.b64encode(plain.getvalue()).decode()
