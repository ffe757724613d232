"""In WebKit, too, every text in the applications of others has one label, whatever they do to their pages."""

from collections.abc import Callable

import pytest
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from e2e.hosts.applications import LIBRARIES, Host
from e2e.places import Stranger
from e2e.webkit.reader import Reader

pytestmark = pytest.mark.engines("webkit", reason="Playwright cannot drive Debian's WebKit")

NUMBERS = "[...document.querySelectorAll('article')].map((el) => +el.id.slice(1))"
SHUFFLED = [12, 10, 8, 6, 4, 2, 11, 9, 7, 5, 3, 1]


@pytest.fixture(scope="session", autouse=True)
def engine(webkit: WebDriver, record_testsuite_property: Callable[[str, object], None]) -> None:
    """For docs/matrix.md."""
    record_testsuite_property("engine", webkit.capabilities["browserVersion"])


@pytest.mark.parametrize("name", list(LIBRARIES))
@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_a_list_is_changed_a_reader_goes_on_and_back_and_an_answer_streams(
    reader: Reader, stranger: Stranger, name: str, strict: bool
):
    host = Host(stranger, name, strict).open()
    reader.goto(host.address("list"))
    reader.reads("Machine-generated", "[part=badge]", reader.find("#a12"))
    for button, numbers in (
        ("Shuffle", SHUFFLED),
        ("Remove", SHUFFLED[1:]),
        ("Add", [12, *SHUFFLED[1:]]),
        ("Edit", [12, *SHUFFLED[1:]]),
    ):
        reader.reads(button, "button").click()
        reader.waits(lambda numbers=numbers: reader.evaluate(NUMBERS) == numbers)
    reader.reads("edition 2", "#a7")
    reader.reads("other", "nav a").click()
    reader.waits(lambda: reader.evaluate(NUMBERS) == [2])
    reader.driver.back()
    reader.waits(lambda: len(reader.evaluate(NUMBERS)) == 12)
    assert reader.evaluate("watch.found()") == []
    reader.goto(host.address("stream"))
    reader.reads("Stream", "button").click()
    for token in [f"w{number} " for number in range(49, 2000, 50)]:
        reader.waits(lambda token=token: token in reader.evaluate("document.querySelector('#answer').textContent"))
    assert reader.evaluate("watch.found()") == []
