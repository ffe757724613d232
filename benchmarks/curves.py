"""Curves over powers of ten as an SVG file, on its own ground, light or dark as the reader's system is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 380, 80, 130, 44, 48
STYLE = """
.ground{fill:#fff}text{font:13px system-ui,sans-serif;fill:#33373d}.grid{stroke:#d9dce1}
.curve{fill:none;stroke-width:2.5}
.c0{stroke:#1d6fb8}.c1{stroke:#b45309}.c2{stroke:#4d7c0f;stroke-dasharray:7 4}.title{font-weight:600}
@media(prefers-color-scheme:dark){.ground{fill:#16181c}text{fill:#d5d9df}.grid{stroke:#3a3f47}
.c0{stroke:#6db3f2}.c1{stroke:#f0a35e}.c2{stroke:#a3d65c}}
"""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SIZES = {1e3: "1 KB", 1e6: "1 MB", 1e9: "1 GB", 1e12: "1 TB"}


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    points: Sequence[tuple[float, float]]


def svg(curves: Sequence[Curve], *, title: str, across: str) -> str:
    """Sizes in bytes, upwards, over numbers."""
    xs = [math.log10(x) for curve in curves for x, _ in curve.points]
    ys = [math.log10(y) for curve in curves for _, y in curve.points]
    left, right, low, high = min(xs), max(xs), math.floor(min(ys)), math.ceil(max(ys))

    def x(value: float) -> float:
        return round(LEFT + (math.log10(value) - left) / (right - left) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    size = f'width="{WIDTH}" height="{HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" {size} rx="8"/>',
        f'<text class="title" x="16" y="26">{escape(title)}</text>',
    ]
    for value, shown in SIZES.items():
        if low <= math.log10(value) <= high:
            at = y(value)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>')
            parts.append(f'<text x="{LEFT - 10}" y="{at + 4}" text-anchor="end">{shown}</text>')
    for power in range(math.ceil(left), math.floor(right) + 1):
        number = f"10{str(power).translate(RAISED)}"
        parts.append(f'<text x="{x(10**power)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{number}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>'
    )
    for number, curve in enumerate(curves):
        line = " ".join(f"{x(one)},{y(other)}" for one, other in curve.points)
        parts.append(f'<polyline class="curve c{number}" points="{line}"/>')
        end = y(curve.points[-1][1])
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{end + 4}">{escape(curve.name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
