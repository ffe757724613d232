"""Codes that change every half minute."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.second_factor import RECOVERY_BYTES, RECOVERY_CODES, address, step_of

# RFC 6238, appendix B: the last six digits of its codes for SHA-1.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODE, THEN = "050471", datetime.fromtimestamp(1111111111, UTC)
STEP = 37037037
BEGIN = datetime.fromtimestamp(STEP * 30, UTC)


@pytest.mark.parametrize(("moment", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_the_codes_are_those_of_the_standard(moment: int, code: str) -> None:
    assert step_of(code, SECRET, at=datetime.fromtimestamp(moment, UTC), last=None) == moment // 30


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(-30.001, None), (-30, STEP), (-1, STEP), (0, STEP), (29, STEP), (59.9, STEP), (60, None)],
)
def test_a_clock_may_be_one_step_ahead_or_behind(seconds: float, step: int | None) -> None:
    assert step_of(CODE, SECRET, at=BEGIN + timedelta(seconds=seconds), last=None) == step


@pytest.mark.parametrize(("last", "step"), [(None, STEP), (STEP - 1, STEP), (STEP, None), (STEP + 1, None)])
def test_a_code_holds_once_and_none_before_it_afterwards(last: int | None, step: int | None) -> None:
    assert step_of(CODE, SECRET, at=THEN, last=last) == step


@pytest.mark.parametrize("typed", [" 050 471", "050471\n", "050\u00a0471"])
def test_spaces_do_not_matter(typed: str) -> None:
    assert step_of(typed, SECRET, at=THEN, last=None) == STEP


@pytest.mark.parametrize("typed", ["", "050472", "50471", "0504710", "०५०४७१", "x" * 9999])
def test_anything_else_is_no_code(typed: str) -> None:
    assert step_of(typed, SECRET, at=THEN, last=None) is None


def test_an_app_reads_account_and_desk() -> None:
    found = address(SECRET, account="ada@news.example", desk="widget.example")
    assert found == f"otpauth://totp/widget.example:ada%40news.example?secret={SECRET}&issuer=widget.example"


def test_there_are_ten_recovery_codes_of_eighty_bits() -> None:
    assert (RECOVERY_CODES, RECOVERY_BYTES) == (10, 10)
