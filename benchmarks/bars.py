"""Servers as an SVG file, a bar each on a logarithmic scale: requests a second against the same bare Flask.

It brings its own ground, light or dark as the reader's system is, so that it can be read on any page.
"""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from benchmarks.peers import Standing
from benchmarks.tables import number

WIDTH, ROW, BAR, TOP, MARGIN = 640, 40, 12, 64, 20
FEET = 28
NUMBER = 52
"""The room that a number at a bar's end needs."""
STYLE = """
.ground{fill:#fff}text{font:13px system-ui,sans-serif;fill:#33373d}.ours{font-weight:600}
.theirs{fill:#8a9099}.bar.ours{fill:#1d6fb8}
.name{paint-order:stroke;stroke:#fff;stroke-width:5px}
.tick{stroke:#e3e6ea}.flask{stroke:#33373d;stroke-dasharray:4 3}.scale{fill:#5c636d;font-size:12px}
.value{font-weight:600;font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){.ground{fill:#16181c}text{fill:#d5d9df}.theirs{fill:#767d87}.bar.ours{fill:#6db3f2}
.name{stroke:#16181c}.tick{stroke:#2d3138}.flask{stroke:#d5d9df}.scale{fill:#a3abb5}}
"""
TITLE = "Requests a second against bare Flask under gunicorn"


def svg(standings: Sequence[Standing]) -> str:
    """The fastest first, as they come."""
    lowest = floor(log10(min(one.rate for one in standings)))
    highest = max(ceil(log10(max(one.rate for one in standings))), 1)
    unit = (WIDTH - 2 * MARGIN - NUMBER) / (highest - lowest)

    def x(rate: float) -> float:
        return round(MARGIN + (log10(rate) - lowest) * unit, 1)

    bottom = TOP + len(standings) * ROW + FEET
    seen = f'viewBox="0 0 {WIDTH} {bottom}" role="img" aria-labelledby="title told"'
    size = f'width="{WIDTH}" height="{bottom}"'
    told = "; ".join(f"{one.name} {number(one.rate)}, {one.acknowledged}" for one in standings)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {seen}>',
        f'<title id="title">{TITLE}</title>',
        f'<desc id="told">On a logarithmic scale; after each server what its answer means. {escape(told)}.</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" {size} rx="8"/>',
        f'<text class="ours" x="{MARGIN}" y="28">{TITLE}</text>',
        *_ticks(range(lowest, highest + 1), bottom, x),
        *_rows(standings, x),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ticks(powers: range, bottom: int, x) -> Iterator[str]:
    for power in powers:
        at = x(10**power)
        kind = "tick" if power else "flask"
        yield f'<line class="{kind}" x1="{at}" x2="{at}" y1="{TOP - 16}" y2="{bottom - FEET}"/>'
        name = f"{10.0**power:g} ×" if power else "bare Flask"
        anchor = "start" if power == powers[0] else "middle"
        yield f'<text class="scale" x="{at}" y="{bottom - 10}" text-anchor="{anchor}">{name}</text>'


def _rows(standings: Sequence[Standing], x) -> Iterator[str]:
    for row, one in enumerate(standings):
        y, end = TOP + row * ROW, x(one.rate)
        who = "ours" if one.ours else "theirs"
        name = f'<tspan class="ours">{escape(one.name)}</tspan>' if one.ours else escape(one.name)
        yield f'<text class="name" x="{MARGIN}" y="{y}">{name} · {escape(one.acknowledged)}</text>'
        yield f'<rect class="bar {who}" x="{MARGIN}" y="{y + 7}" width="{end - MARGIN:.1f}" height="{BAR}" rx="2"/>'
        yield f'<text class="value" x="{end + 6:.1f}" y="{y + 7 + BAR - 1}">{number(one.rate)}</text>'
