"""Readers without JavaScript report by a plain form."""

import re

from playwright.sync_api import expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import (
    open_case,
    report_control,
    sign_in,
)


def test_without_script_the_form_takes_the_report_and_shows_the_receipt(
    new_page: NewPage, stranger: Stranger, server: Server
):
    text = "Reported by a reader without script."
    page = new_page(java_script_enabled=False)
    page.goto(stranger.page(stranger.render(text)))
    with page.context.expect_page() as opened:
        report_control(page.locator("machine-generated")).click()
    form = opened.value
    form.get_by_role("radio", name="False, invented or dangerous").check()
    form.get_by_role("radio", name="Dangerous medical, legal or financial advice").check()
    form.get_by_role("textbox", name="The text").fill(text)
    form.get_by_role("textbox", name=re.compile("moderators know")).fill("Do not try this.")
    expect(form.get_by_role("textbox", name="Address of the page")).to_have_value(stranger.url + "/")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("Thank you, your report has arrived")).to_be_visible()
    assert re.fullmatch(rf"{server.url}/r/[\w-]{{10,}}\?sent=?", form.url)
    expect(form.get_by_text("Dangerous medical, legal or financial advice")).to_be_visible()
    assert page.context.cookies() == []
    desk = new_page()
    sign_in(desk, server)
    open_case(desk, server, "reader without script")
    expect(desk.get_by_text("Verified.", exact=True)).to_be_visible()


def test_without_script_a_mistake_in_the_form_is_named_and_nothing_typed_is_lost(new_page: NewPage, stranger: Stranger):
    page = new_page(java_script_enabled=False)
    page.goto(stranger.page(stranger.render("A form with a mistake.")))
    page.goto(report_control(page.locator("machine-generated")).get_attribute("href"))
    page.get_by_role("radio", name="Something else").check()
    page.get_by_role("textbox", name="Address of the page").fill("https://newspaper.example/today")
    page.get_by_role("textbox", name=re.compile("moderators know")).fill("Look at the second line.")
    address = page.get_by_role("textbox", name="E-mail")
    expect(address).to_be_hidden()
    page.get_by_role("checkbox", name="I think this is against the law").check()
    page.get_by_role("checkbox", name=re.compile("good faith")).check()
    address.fill("reader@nowhere")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Must be an e-mail address").first).to_be_visible()
    expect(page.get_by_role("textbox", name=re.compile("moderators know"))).to_have_value("Look at the second line.")
    address.fill("")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you, your report has arrived")).to_be_visible()
