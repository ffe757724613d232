"""A report for an auditor (rules/assessments.py) as a PDF, with its evidence as an attached file, signed."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, TableCellFillMode

from widget_server.rendering import evidence, fonts
from widget_server.rendering.reports import Signed, number, took
from widget_server.rules import assessments, signatures

INK, SOFT, LINE, ACCENT, WARN = (27, 29, 33), (85, 90, 100), (216, 218, 224), (0, 85, 204), (138, 75, 0)
CONTROL = (128, 133, 143)
GOOD, BAD = (23, 101, 58), (176, 0, 32)
TICK = ((4.5, 10.5), (0.5, 6.5), (2, 5), (4.5, 7.5), (10, 2), (11.5, 3.5))
WARNING = ((6, 0.5), (12, 11.5), (0, 11.5))
CROSS = (
    *((2.5, 1), (6, 4.5), (9.5, 1), (11, 2.5), (7.5, 6), (11, 9.5)),
    *((9.5, 11), (6, 7.5), (2.5, 11), (1, 9.5), (4.5, 6), (1, 2.5)),
)
DASH = ((1, 4.5), (11, 4.5), (11, 7.5), (1, 7.5))
LOOKS: dict[str, tuple[tuple[int, int, int], Sequence[tuple[float, float]]]] = {
    "met": (GOOD, TICK),
    "evidence": (GOOD, TICK),
    "attention": (WARN, WARNING),
    "gaps": (WARN, WARNING),
    "not met": (BAD, CROSS),
    "not applicable": (SOFT, DASH),
    "nothing yet": (SOFT, DASH),
}
"""A state is a word and a shape, which has its corners in a square of 12."""
LEFT, WIDTH, LINE_HEIGHT = 15.0, 180.0, 4.4
HEADING = FontFace(emphasis="BOLD", color=SOFT)
Say = Callable[[str], str]


class _Paper(FPDF):
    """A4, with the report's digest and the number of the page at the foot of each."""

    foot = ""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(fonts.FAMILY, size=7)
        self.set_text_color(*SOFT)
        self.cell(WIDTH - 24, 4, self.foot)
        self.cell(24, 4, f"{self.page_no()} of {{nb}}", align="R")


def paper(signed: Signed) -> bytes:
    """The report as PDF 1.7: figures as on the page, no script, a seal after its end."""
    report, told = signed.report, signed.report["assessment"]
    pdf = _Paper()
    pdf.set_margins(LEFT, 15, LEFT)
    pdf.set_auto_page_break(auto=True, margin=18)
    with tempfile.TemporaryDirectory() as folder:
        fonts.give(pdf, Path(folder))
        say = partial(fonts.legible, pdf)
        pdf.foot = say(f"Compliance report of {report['site']['name'][:40]}, {told['month']} · SHA-256 {signed.sha256}")
        pdf.set_lang("en")
        pdf.set_title(f"Compliance report of {report['site']['name']}, {told['month']}")
        pdf.set_creator("widget-server")
        pdf.set_creation_date(datetime.fromisoformat(report["made_at"]))
        pdf.add_page()
        _head(pdf, signed, say)
        _title(pdf, "Clauses")
        for clause in told["clauses"]:
            _clause(pdf, clause, say)
        _title(pdf, "Month by month")
        _charts(pdf, signed.months[:13][::-1])
        _figures(pdf, signed.months)
        _history(pdf, signed.months, say)
        _title(pdf, "The same evidence for laws and stores")
        _soft(
            pdf,
            "What others ask, and what there is that bears on it. Whether a law applies, and is kept, is for a "
            "person who knows it.",
        )
        for one in told["provisions"]:
            _provision(pdf, one, say)
        pdf.embed_file(bytes=signed.evidence, basename="evidence.json", mime_type="application/json")
        made = bytes(pdf.output())
    return signatures.sealed(made, signed.seed, within=signatures.PDF)


def _head(pdf: FPDF, signed: Signed, say: Say) -> None:
    report, told = signed.report, signed.report["assessment"]
    _write(pdf, say(f"Compliance report of {report['site']['name']}"), size=18, bold=True, height=8)
    _write(pdf, told["month"], size=13, color=SOFT, height=7)
    pdf.ln(2)
    guidelines = "; ".join(
        f"{one['provider']}: {one['name']}, as of {one['version']} ({one['source']})" for one in told["guidelines"]
    )
    facts = {
        "Site": report["site"]["name"],
        "Its key": report["site"]["key"],
        "Its pages": ", ".join(report["site"]["origins"]),
        "Period": f"{told['month']}, as it stood on {_moment(report['found_at'])}",
        "Made": f"{_moment(report['made_at'])}, by {report['made_by']}",
        "Guidelines": guidelines,
        "Server": report["server"],
        "Log": f"{report['log']['entries']:,} entries; digest of the newest: {report['log']['digest']}",
        "Evidence": f"SHA-256 {signed.sha256}",
        "Signature": f"Ed25519 {signed.signature}",
        "Key": f"{signed.key}, also at {report['server']}/api/v1/report-key",
    }
    for name, value in facts.items():
        _fact(pdf, name, say(value), wide=24)
    pdf.ln(1)
    _soft(
        pdf,
        "It shows evidence; it is no promise of compliance. The evidence is attached as evidence.json. The last line "
        "of this file is a seal: “widget-server check --report FILE --key KEY” tells whether anything was changed.",
    )
    pdf.ln(2)
    for state, many in assessments.by_state(told).items():
        _state(pdf, state, f"{many} {state}")
    pdf.ln(8)


def _room(pdf: FPDF, lines: int) -> None:
    """Begin a new page if this one has no room for so many lines."""
    if pdf.will_page_break(lines * LINE_HEIGHT + 6):
        pdf.add_page()


def _clause(pdf: FPDF, clause: dict[str, Any], say: Say) -> None:
    _room(pdf, len(clause["evidence"]) + len(clause["decided_by"]) + 4)
    _rule(pdf)
    _state(pdf, clause["state"], at_end=True)
    _write(pdf, f"{clause['clause']}  {clause['title']}", bold=True, size=10, wide=WIDTH - 34)
    _write(pdf, clause["asks"], color=SOFT, wide=WIDTH - 34)
    for name, value in evidence.lines(clause["evidence"]):
        _fact(pdf, name, say(value))
    for done in clause["decided_by"]:
        _fact(pdf, done["what"], say(f"{done['who'] or 'a person'}, {_moment(done['at'])}"))
    if clause["next_step"]:
        _fact(pdf, "Next step", clause["next_step"])
    pdf.ln(2)


def _provision(pdf: FPDF, one: dict[str, Any], say: Say) -> None:
    _room(pdf, len(one["evidence"]) + 5)
    _rule(pdf)
    _state(pdf, one["state"], at_end=True)
    _write(pdf, f"{one['source']}, {one['number']}", bold=True, size=10, wide=WIDTH - 34)
    _write(pdf, one["asks"], color=SOFT, wide=WIDTH - 34)
    for name, value in evidence.lines(one["evidence"]):
        _fact(pdf, name, say(value))
    _fact(pdf, "What shows it here", one["here"])
    pdf.ln(2)


def _charts(pdf: FPDF, months: Sequence[dict[str, Any]]) -> None:
    """The oldest month first."""
    _room(pdf, 11)
    newest = months[-1]["figures"]
    wide, gap, top = 56.0, 6.0, pdf.get_y() + 2
    threshold, least = newest["threshold"], newest["least_disclosed_share"]
    draw = partial(_columns, pdf, months, top=top, wide=wide)
    words = f"more than {threshold}: reports required"
    draw("viewers", "Viewers", number, left=LEFT, bound=threshold, words=words)
    title = "Report to decision: half, and 90 % (grey)"
    draw("median_seconds", title, took, left=LEFT + wide + gap, behind="p90_seconds")
    draw(
        "disclosed_share",
        "Views with a visible badge",
        evidence.share,
        left=LEFT + 2 * (wide + gap),
        bound=least,
        words=f"at least {evidence.share(least)}",
        whole=1.2,
    )
    pdf.set_xy(LEFT, top + 46)


def _columns(
    pdf: FPDF,
    months: Sequence[dict[str, Any]],
    figure: str,
    title: str,
    told: Callable[[Any], str],
    *,
    top: float,
    left: float,
    wide: float,
    bound: float | None = None,
    words: str = "",
    whole: float | None = None,
    behind: str = "",
) -> None:
    """A column a month. `behind`: a figure that is never lower, in a column behind each, and labelled."""
    values = [month["figures"][behind or figure] for month in months]
    before = [month["figures"][figure] for month in months] if behind else []
    most = max([value for value in values if value is not None] + [bound or 0])
    scale, base = 26 / (whole or most * 1.15 or 1), top + 38
    _text(pdf, left, top, title, size=8, bold=True)
    step = wide / len(values)
    pdf.set_fill_color(*(CONTROL if behind else ACCENT))
    broad = min(step * 0.7, 8)
    for place, value in enumerate(values):
        if value is None:
            continue
        tall = max(value * scale, 0.4)
        pdf.rect(left + step * (place + 0.5) - broad / 2, base - tall, broad, tall, style="F")
        if value == most or place == len(values) - 1:
            pdf.set_font(fonts.FAMILY, "B", 7)
            pdf.set_text_color(*INK)
            pdf.set_xy(left + step * (place + 0.5) - 10, base - tall - 4)
            pdf.cell(20, 4, told(value), align="C")
    pdf.set_fill_color(*ACCENT)
    for place, value in enumerate(before):
        if value is not None:
            tall = max(value * scale, 0.4)
            pdf.rect(left + step * (place + 0.5) - broad / 2, base - tall, broad, tall, style="F")
    pdf.set_draw_color(*SOFT)
    pdf.line(left, base, left + wide, base)
    if bound is not None:
        level = base - bound * scale
        pdf.set_draw_color(*WARN)
        with pdf.local_context():
            pdf.set_dash_pattern(dash=1, gap=0.8)
            pdf.line(left, level, left + wide, level)
        _text(pdf, left, level - 4, words, size=7, color=WARN)
    _text(pdf, left, base + 1, months[0]["month"], size=7, color=SOFT)
    if len(months) > 1:
        pdf.set_xy(left + wide - 20, base + 1)
        pdf.cell(20, 4, months[-1]["month"], align="R")


def _figures(pdf: FPDF, months: Sequence[dict[str, Any]]) -> None:
    head = ("Month", "Viewers", "Views", "With a visible badge", "Reports", "Decisions", "Half within", "90 % within")
    rows = []
    for one in months:
        told = one["figures"]
        seen, half, most = told["disclosed_share"], told["median_seconds"], told["p90_seconds"]
        rows.append(
            (
                one["month"],
                *(number(told[name]) for name in ("viewers", "impressions")),
                "–" if seen is None else evidence.share(seen),
                *(number(told[name]) for name in ("reports", "decisions")),
                *("–" if wait is None else took(wait) for wait in (half, most)),
            )
        )
    _table(pdf, [head, *rows], align=("LEFT", *["RIGHT"] * 7))


def _history(pdf: FPDF, months: Sequence[dict[str, Any]], say: Say) -> None:
    numbers = list(months[0]["states"])
    for start in range(0, len(numbers), 9):
        shown = numbers[start : start + 9]
        states = [(one["month"], *(_short(one["states"].get(number)) for number in shown)) for one in months]
        pdf.ln(3)
        _table(pdf, [("Month", *map(say, shown)), *states], align=("LEFT",) * (len(shown) + 1))


def _short(state: str | None) -> str:
    return state or "not asked"


def _table(pdf: FPDF, rows: Sequence[Sequence[str]], *, align: Sequence[str]) -> None:
    pdf.set_font(fonts.FAMILY, size=7.5)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*LINE)
    pdf.set_fill_color(255)
    with pdf.table(
        rows,
        align="LEFT",
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        cell_fill_mode=TableCellFillMode.NONE,
        headings_style=HEADING,
        line_height=4,
        padding=0.8,
        text_align=tuple(align),
        width=WIDTH,
    ):
        pass


def _title(pdf: FPDF, title: str) -> None:
    if pdf.will_page_break(40):
        pdf.add_page()
    pdf.ln(3)
    pdf.start_section(title)
    _write(pdf, title, size=13, bold=True, height=7)


def _rule(pdf: FPDF) -> None:
    pdf.set_draw_color(*LINE)
    pdf.line(LEFT, pdf.get_y(), LEFT + WIDTH, pdf.get_y())
    pdf.ln(1.5)


def _state(pdf: FPDF, state: str, words: str = "", *, at_end: bool = False) -> None:
    color, shape = LOOKS[state]
    left, top = pdf.get_x(), pdf.get_y()
    told = words or state.capitalize()
    pdf.set_font(fonts.FAMILY, "B", 9)
    pdf.set_text_color(*color)
    wide = pdf.get_string_width(told) + 7
    if at_end:
        left = LEFT + WIDTH - wide
    pdf.set_fill_color(*color)
    pdf.polygon([(left + 1 + x / 4, top + 1 + y / 4) for x, y in shape], style="F")
    pdf.set_xy(left + 5, top)
    pdf.cell(wide - 5 + 4, 5, told)
    if at_end:
        pdf.set_xy(LEFT, top)


def _fact(pdf: FPDF, name: str, value: str, *, wide: float = 54) -> None:
    top = pdf.get_y()
    _write(pdf, name, color=SOFT, wide=wide - 3)
    below = pdf.get_y()
    pdf.set_xy(LEFT + wide, top)
    _write(pdf, value, wide=WIDTH - wide)
    pdf.set_xy(LEFT, max(below, pdf.get_y()))


def _soft(pdf: FPDF, text: str) -> None:
    _write(pdf, text, color=SOFT)
    pdf.ln(1)


def _write(
    pdf: FPDF,
    text: str,
    *,
    size: float = 9,
    bold: bool = False,
    color: tuple[int, int, int] = INK,
    wide: float = WIDTH,
    height: float = LINE_HEIGHT,
) -> None:
    pdf.set_font(fonts.FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*color)
    pdf.multi_cell(wide, height, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _text(
    pdf: FPDF,
    left: float,
    top: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    color: tuple[int, int, int] = INK,
) -> None:
    pdf.set_font(fonts.FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*color)
    pdf.set_xy(left, top)
    pdf.cell(h=4, text=text)


def _moment(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC"
