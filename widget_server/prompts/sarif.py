"""What was found, as SARIF 2.1.0 (OASIS): what code hosts show beside the lines of a change."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from widget_server.prompts.files import Finding, Reading, Unread
from widget_server.rules.prompts import REQUIRED_CHARACTERS, Verdict

RULE = "guideline-3"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Verdict.SHORT: "error", Verdict.UNREADABLE: "error", Verdict.ELSEWHERE: "note", Verdict.UNSURE: "warning"}
_TITLE = f"A prompt holds at least {REQUIRED_CHARACTERS} characters that its users did not write"
_HELP = (
    "Guideline 3: except with custom models, the prompt of any completion must hold at least "
    f"{REQUIRED_CHARACTERS} characters not written by users. Say more in the fixed part of the prompt, or state the "
    "custom model and since when it is used: widget-server: custom-model NAME since 2026-11-01."
)


def document(read: Reading, *, version: str, here: Path) -> dict[str, Any]:
    """A SARIF log with one run. Addresses are relative to the folder `here`, where the files stand in it."""
    tool = {
        "driver": {
            "name": "widget-server",
            "version": version,
            "rules": [
                {
                    "id": RULE,
                    "name": "PromptHoldsEnoughOfItsOwner",
                    "shortDescription": {"text": _TITLE},
                    "fullDescription": {"text": _HELP},
                    "help": {"text": _HELP},
                    "defaultConfiguration": {"level": "error"},
                }
            ],
        }
    }
    run = {
        "tool": tool,
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not read.unreadable,
                "toolExecutionNotifications": [
                    *(_notification(unread, "error", here) for unread in read.unreadable),
                    *(_notification(unread, "note", here) for unread in read.passed_by),
                ],
            }
        ],
        "results": [_result(found, here) for found in read.findings if found.verdict is not Verdict.HOLDS],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, here: Path) -> dict[str, Any]:
    """An exempt prompt is a result that its statement suppresses: it stays on the record."""
    found = finding.found
    region = {
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.end_line,
        "endColumn": found.end_column,
    }
    place = {"artifactLocation": _address(finding.path, here), "region": region}
    kind = {"kind": "inSource" if finding.in_source else "external", "justification": str(finding.stated)}
    return {
        "ruleId": RULE,
        "ruleIndex": 0,
        "level": _LEVELS.get(finding.verdict, "error"),
        "message": {"text": f"{found.name}: {finding.detail}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"name": found.name}]}],
        "partialFingerprints": {"prompt/v1": _fingerprint(finding)},
        "properties": {
            "verdict": str(finding.verdict),
            "fixedCharacters": finding.check.fixed_characters,
            "requiredCharacters": REQUIRED_CHARACTERS,
        },
        **({"suppressions": [kind]} if finding.verdict is Verdict.EXEMPT else {}),
    }


def _notification(unread: Unread, level: str, here: Path) -> dict[str, Any]:
    return {
        "level": level,
        "message": {"text": str(unread)},
        "locations": [{"physicalLocation": {"artifactLocation": _address(unread.path, here)}}],
    }


def _address(file: Path, here: Path) -> dict[str, str]:
    whole = (here / file).resolve()
    if whole.is_relative_to(here):
        return {"uri": quote(whole.relative_to(here).as_posix()), "uriBaseId": "%SRCROOT%"}
    return {"uri": whole.as_uri()}


def _fingerprint(finding: Finding) -> str:
    """The same for a prompt that only moved."""
    said = "\n".join((finding.path.as_posix(), finding.found.name, *finding.check.parts))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
