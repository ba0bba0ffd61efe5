"""Bar charts as SVG: the same picture on the page and in the PDF. A table always stands behind a chart."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from loyalty.kernel.documents.content import Bars
from loyalty.kernel.pages import figures

WIDTH, HEIGHT = 690, 200
LEFT, TOP, BOTTOM = 64, 12, 178
GRID_LINES = 4
LETTER = 5.6
# The first six chart colors of static/look/tokens.css, for paper, where custom properties are not known to SVG.
PAPER = ("#0f6e84", "#cf821f", "#313c97", "#9e2654", "#657a41", "#4a98df")
SCREEN = tuple(f"var(--c{number})" for number in range(1, 7))


def bars(chart: Bars, *, on_paper: bool = False) -> SafeString:
    """The chart as an ``svg`` element. Values below zero are not drawn: bars stand on zero."""
    colors = PAPER if on_paper else SCREEN
    top = _ceiling(max((value for _name, values in chart.series for value in values), default=0))
    parts = [_grid(top, on_paper=on_paper), *_groups(chart, top, colors, on_paper=on_paper)]
    # Every text is escaped, every number is ours.
    return mark_safe(
        f'<svg class="graph" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(chart.title)}">{"".join(parts)}</svg>'
    )


def legend(chart: Bars) -> Sequence[tuple[str, str]]:
    """(color, name) of each series, for paper."""
    return [(PAPER[place % len(PAPER)], name) for place, (name, _values) in enumerate(chart.series)]


def _ceiling(largest: int) -> int:
    """The next round number that four grid lines divide."""
    step = 1
    while step * GRID_LINES < largest:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step * GRID_LINES


def _y(value: int, top: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def _style(name: str, *, on_paper: bool) -> str:
    """On the page style sheets draw; paper knows attributes only."""
    if not on_paper:
        return 'class="gridline"' if name == "gridline" else ""
    paper = {
        "gridline": 'stroke="#e5e7eb" stroke-width="1"',
        "text": 'fill="#4b5563" font-size="10" font-family="Inter"',
    }
    return paper[name]


def _grid(top: int, *, on_paper: bool) -> str:
    parts = []
    for place in range(GRID_LINES + 1):
        value = top * place // GRID_LINES
        y = _y(value, top)
        parts.append(
            f'<line {_style("gridline", on_paper=on_paper)} x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(
            f'<text {_style("text", on_paper=on_paper)} x="{LEFT - 8}" y="{y + 3.5:.1f}" text-anchor="end">'
            f"{figures.points(value)}</text>"
        )
    return "".join(parts)


def _groups(chart: Bars, top: int, colors: Sequence[str], *, on_paper: bool) -> list[str]:
    count, per_group = max(1, len(chart.labels)), max(1, len(chart.series))
    width = (WIDTH - LEFT) / count
    bar = min(40.0, width * 0.72 / per_group)
    every = max(1, -(-count // 14))
    parts = []
    for place, label in enumerate(chart.labels):
        middle = LEFT + width * (place + 0.5)
        for order, (name, values) in enumerate(chart.series):
            value = max(0, values[place])
            x, y = middle + (order - per_group / 2) * bar, _y(value, top)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar - 1:.1f}" height="{BOTTOM - y:.1f}" '
                f'fill="{colors[order % len(colors)]}"><title>{escape(label)}, {escape(name)}: '
                f"{figures.points(values[place])}</title></rect>"
            )
        if place % every == 0:
            parts.append(
                f'<text {_style("text", on_paper=on_paper)} x="{middle:.1f}" y="{BOTTOM + 16}" text-anchor="middle">'
                f"{escape(_short(label, width * every))}</text>"
            )
    return parts


def _short(label: str, room: float) -> str:
    """A label that does not run into its neighbor."""
    longest = max(3, int(room / LETTER))
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"
