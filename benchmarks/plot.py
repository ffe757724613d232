"""People, and what was counted of them, as an SVG file: both ways by powers of ten, each line named at its end.

Its colours can be read on white and on black, and it has no ground of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 60, 250, 16, 44
BETWEEN_NAMES = 19
WORDS = "#747983"
STYLE = (
    f"text{{font:13px system-ui,sans-serif;fill:{WORDS}}}.name{{font-weight:600}}"
    f"path{{fill:none;stroke-width:2.5;stroke-linejoin:round}}line{{stroke:{WORDS};stroke-opacity:.3}}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """`points`: (people, counted)."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashes: str = "none"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a value stands in the picture."""

    lowest: tuple[float, float]
    highest: tuple[float, float]

    def across(self, value: float) -> float:
        share = log10(value / self.lowest[0]) / log10(self.highest[0] / self.lowest[0])
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(self, value: float) -> float:
        share = log10(value / self.lowest[1]) / log10(self.highest[1] / self.lowest[1])
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def svg(lines: Sequence[Line], *, title: str, across: str, upwards: str) -> str:
    columns = list(zip(*(point for line in lines for point in line.points), strict=True))
    frame = Frame((min(columns[0]), min(columns[1])), (max(columns[0]), max(columns[1])))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        *_axes(frame),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(upwards)}</text>',
        *(_curve(frame, line) for line in lines),
        *_names(frame, lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(frame: Frame) -> Iterator[str]:
    for value in _powers(frame.lowest[0], frame.highest[0]):
        x = frame.across(value)
        yield f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:,}</text>'
    for value in _powers(frame.lowest[1], frame.highest[1]):
        y = frame.down(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:,}</text>'


def _powers(lowest: float, highest: float) -> list[int]:
    return [10**power for power in range(ceil(log10(lowest)), floor(log10(highest)) + 1)]


def _curve(frame: Frame, line: Line) -> str:
    points = " ".join(f"{frame.across(people)},{frame.down(counted)}" for people, counted in line.points)
    return f'<path d="M{points}" stroke="{line.colour}" stroke-dasharray="{line.dashes}"/>'


def _names(frame: Frame, lines: Sequence[Line]) -> Iterator[str]:
    """Each beside its line's end, or as near as those above it let it be."""
    above = 0.0
    for line in sorted(lines, key=lambda line: -line.points[-1][1]):
        above = max(frame.down(line.points[-1][1]) + 4, above + BETWEEN_NAMES)
        place = f'x="{WIDTH - RIGHT + 10}" y="{above}"'
        yield f'<text class="name" {place} style="fill:{line.colour}">{escape(line.name)}</text>'
