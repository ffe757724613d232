"""A report for an auditor (rules/assessments.py) as one page that asks for nothing else, signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from widget_server.rendering import evidence, files
from widget_server.rules import assessments, clocks, signatures

_environment = Environment(
    loader=FileSystemLoader(files.TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def took(seconds: int) -> str:
    return clocks.words(timedelta(seconds=seconds))


def number(value: int) -> str:
    return f"{value:,}"


WORDS: dict[str, Callable[..., Any]] = {
    "lines": evidence.lines,
    "share": evidence.share,
    "took": took,
    "number": number,
}
"""How figures are told, for templates/admin/assessment.html."""
_environment.globals.update(WORDS)


@dataclass(frozen=True)
class Signed:
    """A report with what proves it: the digest and the signature of its canonical JSON."""

    report: dict[str, Any]
    seed: bytes

    @cached_property
    def evidence(self) -> bytes:
        return signatures.canonical(self.report)

    @property
    def sha256(self) -> str:
        return sha256(self.evidence).hexdigest()

    @property
    def signature(self) -> str:
        return signatures.sign(self.seed, self.evidence)

    @property
    def key(self) -> str:
        return signatures.public_key(self.seed)

    @property
    def months(self) -> list[dict[str, Any]]:
        """The month that it is about and the others, the newest first."""
        told = self.report["assessment"]
        own = {"month": told["month"], "states": assessments.states(told), "figures": told["figures"]}
        others = [one for one in self.report["history"] if one["month"] != own["month"]]
        return sorted([own, *others], key=lambda one: one["month"], reverse=True)


def page(signed: Signed) -> bytes:
    """The report as HTML: no script, no address to load from, a seal in its last line."""
    html = _environment.get_template("admin/report.html").render(
        report=signed.report,
        by_state=assessments.by_state(signed.report["assessment"]),
        months=signed.months,
        style=Markup(_style()),
        evidence=signed.evidence.decode(),
        sha256=signed.sha256,
        signature=signed.signature,
        key=signed.key,
    )
    return signatures.sealed(html.encode(), signed.seed, within=signatures.HTML)


def _style() -> str:
    """The style of our own pages, which is the desk's, too."""
    return (files.BUILT / "admin" / "pages.css").read_text(encoding="utf-8")
