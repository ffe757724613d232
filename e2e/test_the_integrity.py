"""What the widget loads later is what was published with it, or it does not run."""

import pytest
from playwright.sync_api import Page, expect

from e2e.places import Stranger
from e2e.steps import badge, report_control
from e2e.wire import Answer, Wire

TAMPERED = b"document.documentElement.dataset.tampered = 1; export const report = () => 0, open = report;"


def tampered(answer: Answer) -> Answer:
    return answer.saying(TAMPERED, "text/javascript")


@pytest.mark.parametrize("part", ["parts.js", "report.js"])
def test_a_part_that_was_tampered_with_is_not_run_and_the_plain_form_opens_instead(
    page: Page, stranger: Stranger, wire: Wire, part: str
):
    page.goto(stranger.page("<article data-machine-generated>Who wrote the script?</article>"))
    marked = page.locator("article")
    expect(badge(marked)).to_be_visible()
    with wire.spoiled(tampered, on=f"/widget/current/{part}"), page.expect_popup() as form:
        report_control(marked).click()
    expect(form.value.get_by_role("heading", name="Report a machine-generated text")).to_be_visible()
    expect(page.locator("html:not([data-tampered])")).to_have_count(1)
