"""`prompts`: whether prompts in sources hold enough that no user wrote (guideline 3)."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from widget_server.cli.base import main, now
from widget_server.prompts import files, sarif
from widget_server.prompts.files import Finding, Reading
from widget_server.refusal import WrongSetting
from widget_server.rendering.files import widget_version
from widget_server.rules.exemptions import Exemption, NotExempt, exemption
from widget_server.rules.prompts import REQUIRED_CHARACTERS, Verdict

TOO_SHORT, NOT_READ = 1, 2
EXEMPTION = (
    "Custom models are exempt where it is stated, in a comment of the file (widget-server: custom-model NAME since "
    "2026-11-01) or by --custom-model NAME --since DATE."
)


@main.group("prompts")
def prompts() -> None:
    """Prompts: what their owner wrote of them."""


@prompts.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--format", "kind", default="text", show_default=True, type=click.Choice(["text", "json", "sarif"]))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there instead of printing.")
@click.option("--exclude", "excluded", multiple=True, metavar="PATTERN", help="Leave out such files. Repeat for more.")
@click.option(
    "--custom-model", "model", metavar="NAME", help="All of them are for this custom model, which is exempt …"
)
@click.option("--since", metavar="DATE", help="… since this day (2026-11-01).")
@click.option("--strict", is_flag=True, help="Exit status 1 also for what is perhaps too short, or stands elsewhere.")
def check_prompts(
    paths: tuple[Path, ...],
    kind: str,
    output: Path | None,
    excluded: tuple[str, ...],
    model: str | None,
    since: str | None,
    strict: bool,
) -> None:
    """Check the prompts in files and folders: templates, chat messages in JSON, sources in Python.

    Exit status 0: all hold enough. 1: one is too short, or cannot be read as a template. 2: a file cannot be read, or
    the command is not as expected.
    """
    claimed = _claimed(model, since)
    read = files.read(paths, today=now().date(), exclude=excluded, exemption=claimed, progress=_with_progress)
    _write(_WRITTEN[kind](read), output)
    for unread in read.unreadable if kind != "text" or output else ():
        click.echo(f"widget-server: {unread}", err=True)
    if any(found.verdict.fails or (strict and found.verdict.warns) for found in read.findings):
        sys.exit(TOO_SHORT)
    if read.unreadable:
        sys.exit(NOT_READ)


def _claimed(model: str | None, since: str | None) -> Exemption | None:
    if model is None and since is None:
        return None
    if model is None or since is None:
        raise WrongSetting("--custom-model and --since belong together: which model, and since when.")
    try:
        return exemption(model, since, today=now().date())
    except NotExempt as error:
        raise WrongSetting(f"--custom-model, --since: {error}") from None


def _with_progress(paths: list[Path]) -> Iterable[Path]:
    with click.progressbar(paths, label="Reading", file=sys.stderr) as bar:
        yield from bar


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongSetting(f"--output {output}: {error.strerror}.") from None


def _as_text(read: Reading) -> str:
    listed = [str(found) for found in read.findings if found.verdict is not Verdict.HOLDS]
    verdicts = Counter(found.verdict for found in read.findings)
    told = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    number = f"{len(read.findings)} prompt{'' if len(read.findings) == 1 else 's'}"
    where = f"{read.files} file{'' if read.files == 1 else 's'}"
    remedy = [EXEMPTION] if any(found.verdict.fails for found in read.findings) else []
    return "\n".join(
        [
            *listed,
            *map(str, read.unreadable),
            *(unread.told("passed by") for unread in read.passed_by),
            f"{number} in {where}{': ' + told if told else ''}.",
            *remedy,
        ]
    )


def _as_json(read: Reading) -> str:
    told: dict[str, Any] = {
        "required_characters": REQUIRED_CHARACTERS,
        "clause": "3",
        "files": read.files,
        "prompts": [_prompt(found) for found in read.findings],
        "unreadable": [{"file": unread.path.as_posix(), "why": unread.why} for unread in read.unreadable],
        "passed_by": [{"file": unread.path.as_posix(), "why": unread.why} for unread in read.passed_by],
    }
    return _dumped(told)


def _prompt(finding: Finding) -> dict[str, Any]:
    check = finding.check
    return {
        "file": finding.path.as_posix(),
        "line": finding.found.line,
        "column": finding.found.column,
        "name": finding.found.name,
        "ok": check.ok,
        "verdict": str(finding.verdict),
        "fixed_characters": check.fixed_characters,
        "always_characters": check.always_characters,
        "fixed_words": check.fixed_words,
        "variables": list(check.variables),
        **({"detail": finding.detail} if finding.detail else {}),
        **({"custom_model": finding.stated.model, "since": finding.stated.since.isoformat()} if finding.stated else {}),
    }


def _as_sarif(read: Reading) -> str:
    version = widget_version().split("-")[0]
    return _dumped(sarif.document(read, version=version, here=Path.cwd().resolve()))


def _dumped(told: dict[str, Any]) -> str:
    """JSON that is no command in a log of CI, as in files.in_a_line."""
    return json.dumps(told, indent=2, ensure_ascii=False).replace("##", r"#\u0023")


_WRITTEN = {"text": _as_text, "json": _as_json, "sarif": _as_sarif}
