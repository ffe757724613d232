"""Errors of a count as an SVG file: a bar each, to the right what is too high, to the left what is too low.

It brings its own ground, light or dark as the reader's system is, so that it can be read on any page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, BAR, TOP = 480, 36, 10, 52
NUMBER = 68
"""The room that a number at a bar's end needs."""
STYLE = """
.ground{fill:#fff}text{font:13px system-ui,sans-serif;fill:#33373d}.group{font-weight:600}.zero{stroke:#8a9099}
.high{fill:#b45309}.low{fill:#1d6fb8}.value{font-weight:600;font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){.ground{fill:#16181c}text{fill:#d5d9df}.high{fill:#f0a35e}.low{fill:#6db3f2}}
"""


@dataclass(frozen=True, slots=True)
class Group:
    """`errors`: of each name, in percent."""

    name: str
    errors: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Scale:
    """`zero`: where no error stands. `unit`: how long a bar of one percent is."""

    zero: float
    unit: float


def svg(groups: Sequence[Group], *, title: str) -> str:
    errors = [error for group in groups for _, error in group.errors]
    lowest, highest = min(0.0, *errors), max(0.0, *errors)
    unit = (WIDTH - 2 * NUMBER) / (highest - lowest)
    scale = Scale(round(NUMBER - lowest * unit, 1), unit)
    bottom = TOP + (len(groups) + len(errors)) * ROW
    size = f'width="{WIDTH}" height="{bottom}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {bottom}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" {size} rx="8"/>',
        f'<text x="{scale.zero - 8}" y="28" text-anchor="end">← too low</text>',
        f'<text x="{scale.zero + 8}" y="28">too high →</text>',
        f'<line class="zero" x1="{scale.zero}" x2="{scale.zero}" y1="16" y2="{bottom - 8}"/>',
        *_rows(groups, scale),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _rows(groups: Sequence[Group], scale: Scale) -> Iterator[str]:
    y, x = TOP, scale.zero + 8
    for group in groups:
        yield f'<text class="group" x="{x}" y="{y + 16}">{escape(group.name)}</text>'
        y += ROW
        for name, error in group.errors:
            yield f'<text x="{x}" y="{y + 8}">{escape(name)}</text>'
            yield from _bar(error, y + 14, scale)
            y += ROW


def _bar(error: float, y: int, scale: Scale) -> Iterator[str]:
    length = round(abs(error) * scale.unit, 1)
    low = error < 0
    if length:
        side, x = ("low", scale.zero - length) if low else ("high", scale.zero)
        yield f'<rect class="{side}" x="{x:.1f}" y="{y}" width="{length}" height="{BAR}" rx="2"/>'
    end, anchor = (scale.zero - length - 6, "end") if low else (scale.zero + length + 8, "start")
    yield f'<text class="value" x="{end:.1f}" y="{y + BAR}" text-anchor="{anchor}">{percent(error)}</text>'


def percent(error: float) -> str:
    """With its sign, and none of nothing."""
    return f"{error:+.1f} %".replace("-", "−") if round(error, 1) else "0"
