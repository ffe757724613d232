"""Content tokens: what a site signs about a text, and reads again years later."""

from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits

import pytest

from widget_server.rendering import tokens
from widget_server.rules.marking import Disclosure

SECRET = "wsk_0123456789abcdef_hC_RYBXiboWasISr0QG_U-_VLWFcH998E1iBWBqryQE"
SIGNED_AT = datetime(2026, 11, 26, 12, 25, 53, tzinfo=UTC)
CONTENT = tokens.Content(
    "5b55685522fa078afcbdd54ce5abc57c90a8e1d2a576a2c3bc138670514bd7c3", Disclosure("jamba-large", "AI21"), SIGNED_AT
)
OF_THE_FIRST_VERSION = (
    ".eJwVzLsOwjAMRuF38QxSLv3jpBsjj2E7KQjRgqpuiHfHbEffcD50p5mgQKlASosErrKY9o7JBkQNbC1IHbEnARdJltViroUD4qSdLdOJVt88Z"
    "FU5P2W_DZe3y-Waoufuub22vx40R24oDQ35-wO1rSIc.VXeg7oFtOgJffaoawySgshdO48lHn4mz_k1VGnQioxs"
)


def test_a_token_says_what_was_signed() -> None:
    token = tokens.sign(CONTENT, SECRET)
    assert tokens.read(token, [SECRET], now=SIGNED_AT) == CONTENT


def test_tokens_on_pages_that_the_first_version_wrote_are_read() -> None:
    assert tokens.read(OF_THE_FIRST_VERSION, [SECRET], now=SIGNED_AT) == CONTENT


@pytest.mark.parametrize("token", [OF_THE_FIRST_VERSION, tokens.sign(CONTENT, SECRET)])
def test_a_token_of_another_site_or_of_changed_words_is_not(token: str) -> None:
    changed = [token[:9] + "A" + token[10:], token[:-1], token + "=", token + "=!*~"]
    changed += [token[:-1] + last for last in ascii_letters + digits + "-_" if last != token[-1]]
    for wrong, secret in ((token, SECRET + "x"), *((one, SECRET) for one in changed)):
        with pytest.raises(tokens.BadToken):
            tokens.read(wrong, [secret], now=SIGNED_AT)


def test_a_token_is_made_of_characters_that_html_and_addresses_take_as_they_are() -> None:
    assert set(tokens.sign(CONTENT, SECRET)) <= {*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."}


def test_a_token_is_evidence_for_400_days() -> None:
    token = tokens.sign(CONTENT, SECRET)
    assert tokens.read(token, [SECRET], now=SIGNED_AT + timedelta(days=400))
    with pytest.raises(tokens.BadToken):
        tokens.read(token, [SECRET], now=SIGNED_AT + timedelta(days=400, seconds=1))
