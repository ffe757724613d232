"""The compliance page in a browser, and the reports that leave it: legible, and in need of nothing else."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.test_the_figures import PHONE, is_wide


def open_site(page: Page, server: Server, stranger: Stranger) -> None:
    page.goto(f"{server.url}/admin/compliance/{stranger.site['site']}")
    expect(page.get_by_role("heading", name="Clauses", exact=True)).to_be_visible()


def taken(page: Page, kind: str, folder: Path) -> Path:
    """The report, downloaded."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=f"Report as {kind}").click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


@SCHEMES
def test_the_page_and_the_report_are_legible_on_desktop_and_phone(
    new_page: NewPage, stranger: Stranger, server: Server, scheme: str, tmp_path: Path
):
    page = new_page(look=scheme)
    sign_in(page, server)
    stranger.report(f"A text that waits, {scheme}.", category="self_harm")
    for size in ({"width": 1280, "height": 800}, PHONE):
        page.set_viewport_size(size)
        page.goto(f"{server.url}/admin/compliance")
        assert_clean(page, scheme)
        assert not is_wide(page)
        open_site(page, server, stranger)
        assert_clean(page, scheme)
        assert not is_wide(page)
    report = taken(page, "HTML", tmp_path)
    alone = new_page(look=scheme)
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    for size in ({"width": 1280, "height": 800}, PHONE):
        alone.set_viewport_size(size)
        alone.goto(report.as_uri())
        expect(alone.get_by_role("heading", name=re.compile("^Compliance report of "))).to_be_visible()
        assert_clean(alone, scheme)
        assert not is_wide(alone)
    assert set(asked) <= {report.as_uri()}  # Firefox does not tell of files


def test_a_report_is_taken_as_pdf(page: Page, stranger: Stranger, server: Server, tmp_path: Path):
    sign_in(page, server)
    open_site(page, server, stranger)
    file = taken(page, "PDF", tmp_path)
    assert file.name.endswith(".pdf")
    assert file.read_bytes().startswith(b"%PDF-1.")
    page.goto(server.url + "/admin/log")
    expect(page.get_by_text("export report").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_a_next_step_leads_to_where_it_is_done(new_page: NewPage, stranger: Stranger, server: Server, script: bool):
    page = new_page() if script else new_page(java_script_enabled=False)
    sign_in(page, server)
    open_site(page, server, stranger)
    page.get_by_role("link", name="Declare what this site’s texts are for.").first.click()
    expect(page.get_by_role("heading", name=re.compile("^What the texts of"))).to_be_visible()
