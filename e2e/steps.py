"""What a reader and a moderator do, in the words of the pages."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from e2e.places import MODERATORS, Server
from e2e.wire import REPORTS, VIEWS, Sent, record

WORDS_AT = """(el, words) => {
    const texts = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const at = text.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + words.length);
        const visible = getComputedStyle(text.parentNode).visibility === "visible";
        const boxes = visible ? [...range.getClientRects()] : [], first = boxes[0], last = boxes.at(-1);
        return first && [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
    }
}"""


def digest(text: str) -> str:
    """The text_sha256 of a text that has only single spaces."""
    return sha256(text.encode()).hexdigest()


def badge(marked: Locator) -> Locator:
    return marked.locator("[part=badge]")


def report_control(marked: Locator) -> Locator:
    return marked.locator("[part=report]")


def dialog_of(marked: Locator) -> Locator:
    return marked.get_by_role("dialog")


def select(page: Page, marked: Locator, words: str) -> None:
    """Drags the mouse over these words."""
    marked.scroll_into_view_if_needed()
    left, top, right, bottom = marked.evaluate(WORDS_AT, words)
    page.mouse.move(left + 1, top)
    page.mouse.down()
    page.mouse.move(right - 1, bottom, steps=4)
    page.mouse.up()


def top_of(marked: Locator, words: str) -> float:
    """How far down the page these words of the text stand."""
    return marked.evaluate(f"(el, words) => ({WORDS_AT})(el, words)[1]", words)


def shows(marked: Locator, words: str) -> bool:
    """Whether these words of the text are on the page. (The element itself is: it has a label.)"""
    return marked.evaluate(WORDS_AT, words) is not None


def report(marked: Locator, choice: str, *, comment: str = "") -> str:
    """Report, choice, send: three clicks. The receipt."""
    expect(report_control(marked)).to_have_role("button")  # until the script has come, it leads to the plain form
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name=choice).first.click()
    if comment:
        dialog.get_by_role("textbox", name=re.compile("moderators know")).fill(comment)
    dialog.get_by_role("button", name="Send").click()
    receipt = dialog.get_by_role("status").locator("code")
    expect(receipt).to_be_visible()
    return receipt.inner_text()


@dataclass
class Next:
    """`value` is there when the block has ended."""

    value: Sent | None = None


@contextmanager
def next_sent(page: Page, path: str) -> Iterator[Next]:
    """The block ends when this page has told the server something, and has its answer."""
    before, sent = len(record.all), Next()
    yield sent
    sent.value = record.until(lambda new: next((one for one in sent_by(page, path, new) if one.status), None), before)


def next_views(page: Page) -> AbstractContextManager[Next]:
    return next_sent(page, VIEWS)


def next_report(page: Page) -> AbstractContextManager[Next]:
    return next_sent(page, REPORTS)


def seen(views: Sent) -> list[dict]:
    """The views that a page sent."""
    return views.body["views"]


def sent_views(page: Page) -> list[Sent]:
    return sent_by(page, VIEWS, record.all)


def sent_reports(page: Page) -> list[Sent]:
    """All that this page sent until now. Its address tells it from every other page of the test."""
    return sent_by(page, REPORTS, record.all)


def answers_to_reports(page: Page) -> list[int]:
    """How the server answered each report that this page sent. A browser may know it before the wire has noted it."""

    def known(sent: list[Sent]) -> list[int]:
        found = [one.status for one in sent_by(page, REPORTS, sent)]
        return found if all(found) else []

    return record.until(known)


def sent_by(page: Page, path: str, among: list[Sent]) -> list[Sent]:
    address = re.split("[?#]", page.url)[0]
    return [one for one in among if one.path == path and one.body["page"] == address]


def sign_in(page: Page, server: Server, email: str = "anna@desk.example") -> None:
    page.goto(server.url + "/admin/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(MODERATORS[email])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()


def search(page: Page, words: str) -> None:
    """The queue, of the cases whose text has these words."""
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("searchbox").press("Enter")
    expect_found(page, words)


def expect_found(page: Page, words: str) -> None:
    """The page is the answer to this search, and not the one before it."""
    page.wait_for_url(lambda address: parse_qs(urlsplit(address).query).get("search") == [words])


def find_case(page: Page, server: Server, words: str, *, show: str = "waiting") -> Locator:
    """The case in the queue whose text has these words."""
    page.goto(f"{server.url}/admin/reports?show={show}")
    search(page, words)
    found = page.get_by_role("article").filter(has=page.get_by_role("link", name=re.compile(r"^Case \d+")))
    expect(found).to_have_count(1)
    return found


def open_case(page: Page, server: Server, words: str, *, show: str = "waiting") -> None:
    find_case(page, server, words, show=show).get_by_role("link", name=re.compile(r"^Case \d+")).click()
    expect(page.get_by_role("heading", name="Decide")).to_be_visible()


def decide(page: Page, decision: str, message: str) -> None:
    page.get_by_role("radio", name=re.compile(f"^{decision}")).check()
    page.get_by_role("textbox", name=re.compile("^Message")).fill(message)
    page.get_by_role("button", name=re.compile("^Decide")).click()


def expect_keys(desk: Page) -> None:
    """The page hears keys."""
    expect(desk.locator("html.keys")).to_be_attached()


def expect_kept(desk: Page) -> None:
    """The queue says that the decision is made."""
    expect(desk.get_by_text("Your decision on")).to_be_visible()
