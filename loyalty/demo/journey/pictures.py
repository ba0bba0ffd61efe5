"""Pictures of rewards and categories: flat geometric SVG in the colors of the product, 320 x 240, nothing loaded.

Each picture stands on the same ground: a soft field, a disc behind the thing and a shadow under it. Words are left
out, so one picture serves every language; the page that shows it says what it is.
"""

# The accent scale and the hues of charts, as in the product's style tokens.
SOFT, PALE, LIGHT, MIDDLE = "#eff8fa", "#d8eef3", "#b3dee8", "#4fb6cc"
PETROL, DEEP, DARK = "#0f6e84", "#0b4857", "#06262f"
AMBER, INDIGO, PLUM, OLIVE, SKY = "#cf821f", "#313c97", "#9e2654", "#657a41", "#4a98df"
CREAM, SAND, WHITE = "#fdf1da", "#f2d49b", "#ffffff"


def picture(kind: str) -> str:
    """The SVG document of a kind, one of `KINDS`."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" width="320" height="240">'
        f'{_rect(0, 0, 320, 240, SOFT)}{_disc(160, 116, 88, PALE)}<ellipse cx="160" cy="206" rx="84" ry="8" '
        f'fill="{LIGHT}"/>{_DRAWINGS[kind]}</svg>\n'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str, radius: float = 0) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}"/>'


def _disc(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _shape(path: str, fill: str) -> str:
    return f'<path d="{path}" fill="{fill}"/>'


def _stroke(path: str, color: str, width: float) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _turned(degrees: float, *shapes: str) -> str:
    return f'<g transform="rotate({degrees} 160 120)">{"".join(shapes)}</g>'


_DRAWINGS: dict[str, str] = {
    "coffee": (
        _stroke("M136 84 q-10 -14 0 -26 q10 -12 0 -26", MIDDLE, 7)
        + _stroke("M172 84 q-10 -14 0 -26 q10 -12 0 -26", MIDDLE, 7)
        + _stroke("M206 120 h14 a20 20 0 0 1 0 44 h-18", PETROL, 12)
        + _shape("M98 100 h112 v58 a36 36 0 0 1 -36 36 h-40 a36 36 0 0 1 -36 -36 z", PETROL)
        + '<ellipse cx="154" cy="101" rx="56" ry="11" fill="#5a3a12"/>'
        + _rect(84, 194, 140, 12, DEEP, 6)
    ),
    "bread": (
        _shape(
            "M86 118 a40 40 0 0 1 40 -44 h68 a40 40 0 0 1 40 44 q0 14 -12 20 v66 h-124 v-66 q-12 -6 -12 -20 z", AMBER
        )
        + _shape(
            "M100 118 a28 28 0 0 1 28 -30 h64 a28 28 0 0 1 28 30 q0 10 -12 14 v58 h-96 v-58 q-12 -4 -12 -14 z", SAND
        )
        + _stroke("M140 118 l14 26", AMBER, 7)
        + _stroke("M168 118 l14 26", AMBER, 7)
    ),
    "produce": (
        _shape(
            "M158 96 q-26 -22 -50 -4 q-28 22 -12 66 q14 40 40 44 q14 2 24 -6 q10 8 24 6 q26 -4 40 -44 q16 -44 -12 -66 "
            "q-24 -18 -54 4 z",
            PLUM,
        )
        + _stroke("M160 96 q0 -28 14 -44", DEEP, 8)
        + _shape("M172 66 q8 -30 46 -30 q-4 34 -46 30 z", OLIVE)
        + _stroke("M108 126 q4 -18 18 -22", WHITE, 7)
    ),
    "cheese": (
        _shape("M76 142 l132 -66 q36 14 36 66 z", SAND)
        + _rect(76, 142, 168, 60, AMBER, 4)
        + _disc(114, 168, 13, CREAM)
        + _disc(166, 184, 10, CREAM)
        + _disc(206, 162, 15, CREAM)
        + _disc(178, 116, 10, AMBER)
    ),
    "gift_card": _turned(
        -8,
        _rect(74, 72, 172, 110, PETROL, 12),
        _rect(74, 112, 172, 22, AMBER),
        _rect(118, 72, 22, 110, AMBER),
        _shape("M129 112 q-34 -8 -28 -28 q10 -16 28 28 z", CREAM),
        _shape("M129 112 q34 -8 28 -28 q-10 -16 -28 28 z", CREAM),
        _disc(129, 114, 9, WHITE),
        _rect(186, 154, 44, 10, LIGHT, 5),
    ),
    "bag": (
        _stroke("M126 98 v-16 a34 34 0 0 1 68 0 v16", DEEP, 10)
        + _shape("M92 94 h136 l10 110 h-156 z", PETROL)
        + _shape("M92 94 h136 l2 22 h-140 z", DEEP)
        + _disc(126, 108, 6, LIGHT)
        + _disc(194, 108, 6, LIGHT)
        + _shape("M160 176 q-34 -24 -18 -38 q12 -8 18 6 q6 -14 18 -6 q16 14 -18 38 z", CREAM)
    ),
    "charity": (
        _shape("M160 150 q-68 -46 -40 -84 q26 -26 40 8 q14 -34 40 -8 q28 38 -40 84 z", PLUM)
        + _stroke("M130 84 q2 -10 10 -12", WHITE, 6)
        + _shape(
            "M62 164 h32 q24 -16 48 2 h30 q14 2 12 14 h-34 q30 4 48 -8 l28 -18 q14 -4 18 8 q-32 44 -76 44 h-106 z", SAND
        )
        + _rect(52, 156, 26, 50, PETROL, 5)
    ),
    "voucher": _turned(
        -6,
        _shape("M66 78 h188 v30 a14 14 0 0 0 0 28 v34 h-188 v-34 a14 14 0 0 0 0 -28 z", AMBER),
        '<path d="M204 84 v82" stroke="#fdf1da" stroke-width="4" stroke-dasharray="3 9" stroke-linecap="round"/>',
        _disc(112, 106, 13, CREAM),
        _disc(160, 144, 13, CREAM),
        _stroke("M164 92 l-56 66", CREAM, 9),
    ),
    "cinema": (
        _rect(82, 110, 156, 94, DARK, 8)
        + _turned(
            -9,
            _rect(82, 76, 156, 26, DARK, 5),
            _shape("M92 76 h22 l-14 26 h-18 v-16 z", WHITE),
            _shape("M140 76 h24 l-14 26 h-24 z", WHITE),
            _shape("M190 76 h24 l-14 26 h-24 z", WHITE),
        )
        + _shape("M142 132 l48 26 l-48 26 z", AMBER)
        + _disc(102, 196, 5, MIDDLE)
        + _disc(218, 196, 5, MIDDLE)
    ),
    "flowers": (
        _stroke("M160 196 v-90", OLIVE, 7)
        + _stroke("M158 200 q-32 -30 -44 -66", OLIVE, 7)
        + _stroke("M162 200 q32 -30 44 -66", OLIVE, 7)
        + _shape("M118 160 h84 l-18 46 h-48 z", MIDDLE)
        + _shape("M118 160 h84 l-5 14 h-74 z", PETROL)
        + "".join(_disc(160 + x, 76 + y, 17, PLUM) for x, y in ((0, -20), (19, -6), (12, 17), (-12, 17), (-19, -6)))
        + _disc(160, 76, 12, SAND)
        + "".join(_disc(108 + x, 116 + y, 12, AMBER) for x, y in ((0, -14), (13, -4), (8, 12), (-8, 12), (-13, -4)))
        + _disc(108, 116, 9, CREAM)
        + "".join(_disc(212 + x, 116 + y, 12, INDIGO) for x, y in ((0, -14), (13, -4), (8, 12), (-8, 12), (-13, -4)))
        + _disc(212, 116, 9, CREAM)
    ),
    "bottle": (
        _rect(142, 36, 30, 20, AMBER, 4)
        + _shape("M144 56 h26 v34 q22 14 22 40 v62 q0 14 -14 14 h-42 q-14 0 -14 -14 v-62 q0 -26 22 -40 z", OLIVE)
        + _rect(122, 132, 70, 44, CREAM)
        + _shape("M157 138 q20 14 0 32 q-20 -18 0 -32 z", PLUM)
        + _stroke("M134 124 q4 -16 16 -22", WHITE, 5)
        + _shape("M206 128 h44 q0 34 -22 34 q-22 0 -22 -34 z", LIGHT)
        + _shape("M208 140 h40 q-3 22 -20 22 q-17 0 -20 -22 z", PLUM)
        + _stroke("M228 162 v38 M212 204 h32", MIDDLE, 6)
    ),
    "book": (
        _shape("M160 84 q-40 -26 -96 -14 v116 q56 -10 96 16 q40 -26 96 -16 v-116 q-56 -12 -96 14 z", INDIGO)
        + _shape("M160 86 q-38 -24 -84 -16 v106 q48 -6 84 16 z", WHITE)
        + _shape("M160 86 q38 -24 84 -16 v106 q-48 -6 -84 16 z", CREAM)
        + "".join(_stroke(f"M92 {y} q28 -2 52 10", LIGHT, 5) for y in (92, 112, 132, 152))
        + "".join(_stroke(f"M228 {y} q-28 -2 -52 10", SAND, 5) for y in (92, 112, 132))
        + _shape("M204 64 h18 v48 l-9 -9 l-9 9 z", PLUM)
    ),
    "travel": (
        _stroke("M132 92 v-20 a10 10 0 0 1 10 -10 h36 a10 10 0 0 1 10 10 v20", DEEP, 9)
        + _rect(84, 92, 152, 108, PETROL, 14)
        + _rect(108, 92, 12, 108, DEEP)
        + _rect(200, 92, 12, 108, DEEP)
        + _disc(160, 146, 30, SKY)
        + _shape("M134 132 q14 -14 26 -12 q6 10 -6 16 q-12 2 -12 14 q-10 -2 -8 -18 z", CREAM)
        + _shape("M164 150 q16 -8 22 4 q-4 16 -16 20 q-12 -10 -6 -24 z", CREAM)
        + _rect(100, 198, 22, 10, DARK, 4)
        + _rect(198, 198, 22, 10, DARK, 4)
    ),
    "fuel": (
        _rect(92, 60, 96, 144, PETROL, 10)
        + _rect(108, 78, 64, 44, PALE, 5)
        + _shape("M140 138 q24 28 12 44 q-12 12 -24 0 q-12 -16 12 -44 z", AMBER)
        + _rect(82, 198, 116, 10, DEEP, 5)
        + _stroke("M188 116 h12 q12 0 12 12 v44 q0 14 14 14 q14 0 14 -14 v-66 l-26 -28", DEEP, 9)
        + _rect(230, 100, 20, 26, AMBER, 4)
    ),
    "parcel": (
        _shape("M160 66 l86 36 l-86 36 l-86 -36 z", SAND)
        + _shape("M74 102 l86 36 v70 l-86 -38 z", AMBER)
        + _shape("M246 102 l-86 36 v70 l86 -38 z", "#a9690f")
        + _shape("M112 86 l86 36 l18 -8 l-86 -36 z", MIDDLE)
        + _shape("M198 122 l18 -8 v28 l-18 8 z", PETROL)
    ),
    "toy": (
        _rect(86, 134, 64, 64, PLUM, 8)
        + _rect(166, 134, 64, 64, PETROL, 8)
        + _rect(126, 62, 64, 64, AMBER, 8)
        + _disc(118, 166, 16, CREAM)
        + _shape("M198 148 l18 34 h-36 z", CREAM)
        + _rect(145, 81, 26, 26, CREAM, 3)
    ),
}

KINDS: tuple[str, ...] = tuple(_DRAWINGS)
