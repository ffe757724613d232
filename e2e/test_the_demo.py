"""What `make run` starts."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.processes import WIDGET_SERVER, Program, answers
from e2e.steps import badge, report
from tests.servers import free_port


def test_one_command_starts_a_page_to_report_on_and_a_desk_to_decide_at(page: Page, tmp_path: Path):
    port = free_port(neighbours=1)
    desk, paper = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    command, both = [*WIDGET_SERVER, "demo", "--port", str(port)], [desk + "/readyz", paper + "/plain"]
    program = Program(*command, folder=tmp_path, environment={}, alive=both)
    program.start()
    try:
        page.goto(desk + "/demo")
        expect(page).to_have_url(paper + "/")
        wrong = page.get_by_role("region", name="The lighthouse at the harbour mouth").locator("machine-generated")
        expect(badge(wrong)).to_have_text("Machine-generated")
        report(wrong, "False, invented or dangerous")
        email, password = re.search(r"sign in as (\S+) with (\S+)", program.log.read_text()).groups()
        page.goto(desk + "/admin")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Case 1", exact=True).click()
        expect(page.get_by_text("Verified.", exact=True)).to_be_visible()
    finally:
        program.stop()
    assert not answers(desk + "/healthz")
    assert not answers(paper + "/plain")
