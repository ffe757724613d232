"""The prompt check for programs in Python and for their tests (guideline 3).

    require_prompt(template)            # the template, or Refused
    assert_prompt(template)             # in a test: AssertionError says what is missing
    assert_prompts("app/", "prompts/")  # the same for every prompt in files and folders

PROMISE: measures prompts wherever they stand, in values, files and folders; it stores nothing, and asks nobody.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from widget_server.host import Refused
from widget_server.prompts import files
from widget_server.rules import exemptions, prompts
from widget_server.rules.prompts import PromptCheck

__all__ = [
    "PromptCheck",
    "Refused",
    "assert_prompt",
    "assert_prompts",
    "check_prompt",
    "prompt_checked",
    "require_prompt",
]


def check_prompt(
    template: Any,
    *,
    variables: Iterable[str] | None = None,
    values: Mapping[str, str] | None = None,
    syntax: str = "any",
    custom_model: bool | str = False,
    since: date | str | None = None,
) -> PromptCheck:
    """Count what of a prompt template its users did not write.

    `template`: a text with placeholders, a list of chat messages, or a prompt template of LangChain's. `variables`: the
    names that users fill in (without it, all); `values`: what the owner fills into others, which then counts. `syntax`:
    “format”, “jinja”, “mustache”, “dollar”, “percent” or “none”; without it, what any of them takes for a placeholder
    is one. `custom_model`: True, or the model's name with the day `since` which it is used.
    """
    if syntax not in prompts.SYNTAXES:
        raise ValueError(f"syntax must be one of {', '.join(prompts.SYNTAXES)}.")
    if wrong := prompts.users_own(values or (), variables):
        raise ValueError(f"{', '.join(wrong)}: said to be written by users, so it can have no value.")
    exempt = custom_model if isinstance(custom_model, bool) else bool(_exemption(custom_model, since))
    return prompts.check(template, custom_model=exempt, syntax=syntax, values=values)


def require_prompt(template: Any, **how: Any) -> Any:
    """The template, if it holds enough. Raises Refused, naming clause 3. Further arguments are `check_prompt`'s."""
    found = check_prompt(template, **how)
    if not found.ok:
        raise Refused(prompts.CLAUSE, found.detail)
    return template


def assert_prompt(template: Any, **how: Any) -> None:
    """For tests: AssertionError says what the template lacks. Further arguments are `check_prompt`'s."""
    found = check_prompt(template, **how)
    if not found.ok:
        raise AssertionError(
            f"{found.detail} (guideline {prompts.CLAUSE})\nIts fixed text: {' | '.join(found.parts) or 'none'}"
        )


def assert_prompts(*paths: str | Path) -> None:
    """For tests: as `assert_prompt`, for every prompt in these files and folders. At least one must be there."""
    read = files.read(map(Path, paths), today=datetime.now(UTC).date())
    wrong = [str(found) for found in read.findings if found.verdict.fails] + [str(unread) for unread in read.unreadable]
    if not read.findings and not wrong:
        wrong = [f"There is no prompt in {', '.join(map(str, paths))}."]
    if wrong:
        raise AssertionError("\n".join(wrong))


def prompt_checked(
    function: Callable[..., Any] | None = None, *, record: Callable[[PromptCheck], None] | None = None, **how: Any
) -> Any:
    """A decorator for functions that return a prompt template or messages: each call is checked.

    What is too short raises Refused. With `record`, it gets every check instead, and nothing is refused. Further
    arguments are `check_prompt`'s.
    """

    def checked(template: Any) -> Any:
        if record is None:
            return require_prompt(template, **how)
        record(check_prompt(template, **how))
        return template

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(function):

            @wraps(function)
            async def later(*arguments: Any, **named: Any) -> Any:
                return checked(await function(*arguments, **named))

            return later

        @wraps(function)
        def now(*arguments: Any, **named: Any) -> Any:
            return checked(function(*arguments, **named))

        return now

    return decorate if function is None else decorate(function)


def _exemption(model: str, since: date | str | None) -> exemptions.Exemption:
    try:
        return exemptions.exemption(model, since or "", today=datetime.now(UTC).date())
    except exemptions.NotExempt as error:
        raise ValueError(f"custom_model: {error}") from None
