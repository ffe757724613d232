"""Our server is away, slow, or talks nonsense: the stranger's page works as before and the labels stand."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.places import Stranger
from e2e.steps import badge, dialog_of, report_control, sent_reports, shows
from e2e.wire import Wire, cut_off, login_page, other_json

Trouble = Callable[..., AbstractContextManager]

NONSENSE = {"login page": login_page, "other JSON": other_json, "cut off": cut_off}
OWN_SCRIPT = """<button onclick="this.textContent = +this.textContent + 1">0</button><script>
window.wrong = [];
for (const name of ["error", "unhandledrejection"])
    addEventListener(name, (event) => wrong.push(name + " " + (event.message ?? event.reason)));
</script>"""


@pytest.fixture(params=["slow", *NONSENSE])
def trouble(request: pytest.FixtureRequest, wire: Wire) -> Trouble:
    return wire.slow if request.param == "slow" else partial(wire.spoiled, NONSENSE[request.param])


def expect_that_the_page_works(page: Page) -> None:
    own = page.locator("main > button")
    before = int(own.inner_text())
    own.click()
    expect(own).to_have_text(str(before + 1))
    assert page.evaluate("wrong") == []


def expect_that_it_stands(rendered: Locator, words: str) -> None:
    expect(badge(rendered)).to_have_text("Machine-generated")
    expect(report_control(rendered)).to_have_attribute("href", re.compile(r"/report\?site=\w+&content=\S{50}"))
    assert shows(rendered, words)


def test_where_nothing_of_ours_loads_the_labels_from_the_server_stand(
    page: Page, stranger: Stranger, wire: Wire, trouble: Trouble
):
    # Without integrity Firefox runs the half of a script that it has got, and writes an error of its own.
    tag = stranger.site["integrity_tag"]
    with trouble():
        page.goto(stranger.page(f"{OWN_SCRIPT}{stranger.render('It does not wait.')}", tag=tag), wait_until="commit")
        expect_that_it_stands(page.locator("machine-generated"), "It does not wait.")
        expect_that_the_page_works(page)


def test_where_nobody_listens_the_labels_from_the_server_stand(page: Page, stranger: Stranger, wire: Wire):
    with wire.down():
        page.goto(stranger.page(f"{OWN_SCRIPT}{stranger.render('It stands by itself.')}"))
        expect_that_it_stands(page.locator("machine-generated"), "It stands by itself.")
        expect_that_the_page_works(page)


def test_where_a_blocker_stops_all_that_is_ours_the_labels_from_the_server_stand(page: Page, stranger: Stranger):
    page.route(stranger.server.url + "/**", lambda route: route.abort("blockedbyclient"))
    page.goto(stranger.page(f"{OWN_SCRIPT}{stranger.render('Blocked.')}"))
    expect_that_it_stands(page.locator("machine-generated"), "Blocked.")
    expect_that_the_page_works(page)


def test_where_only_the_script_loads_every_text_is_labelled_in_english(
    page: Page, stranger: Stranger, wire: Wire, trouble: Trouble
):
    texts = "<article data-machine-generated>Ein Text.</article><machine-generated>Noch einer.</machine-generated>"
    with trouble(on="/widget/"), trouble(on="/api/"):
        page.goto(stranger.page(OWN_SCRIPT + texts, lang="de"))
        for marked in (page.locator("article"), page.locator("machine-generated")):
            expect(badge(marked)).to_have_text("Machine-generated")
            expect(marked.locator("[part=label]")).to_have_attribute("lang", "en")
        expect_that_the_page_works(page)


def test_the_report_button_then_leads_to_the_plain_form(page: Page, stranger: Stranger, wire: Wire):
    page.goto(stranger.page(OWN_SCRIPT + "<article data-machine-generated>Still to be reported.</article>"))
    with wire.spoiled(login_page, on="/widget/"), page.context.expect_page() as opened:
        report_control(page.locator("article")).click()
    expect(opened.value.get_by_role("textbox", name="The text")).to_be_visible()
    expect_that_the_page_works(page)


@pytest.mark.parametrize("spoil", NONSENSE.values(), ids=NONSENSE)
def test_a_report_is_kept_until_the_server_truly_has_it(page: Page, marked: Locator, wire: Wire, spoil: Callable):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    with wire.spoiled(spoil, on="/api/"):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    ids = {sent.body["id"] for sent in sent_reports(page)}
    assert len(ids) == 1
    assert page.evaluate("localStorage.length") == 0
