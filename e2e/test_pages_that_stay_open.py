"""A page that stays open shows what holds now: words that came late, decisions taken back, what hides a badge."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.conftest import NewPage
from e2e.places import Stranger
from e2e.steps import badge, next_views, open_case, report_control, seen, sent_views, shows, sign_in
from e2e.test_the_details import decided_upon
from e2e.wire import record

FIVE_MINUTES = 301_000


def take_back(desk: Page, stranger: Stranger, text: str) -> None:
    open_case(desk, stranger.server, text, show="decided")
    desk.get_by_role("button", name="Take the last decision back").click()
    expect(desk.get_by_text("The decision is taken back.")).to_be_visible()


@pytest.fixture
def desk(new_page: NewPage, stranger: Stranger) -> Page:
    found = new_page()
    sign_in(found, stranger.server)
    return found


def opened(page: Page, desk: Page, stranger: Stranger, text: str, element: str = "article") -> Locator:
    """A withdrawn text on a page that stays open."""
    decided_upon(desk, stranger, text, "Withdraw")
    page.clock.install()
    page.goto(stranger.page(f"<{element} data-machine-generated>{text}</{element}>"))
    marked = page.locator(f"main {element}")
    page.clock.run_for(3_000)
    expect(marked.locator("[part=notice]")).to_be_visible()
    return marked


@pytest.mark.parametrize("element", ["article", "li"])
def test_a_withdrawal_that_is_taken_back_ends_on_pages_that_are_open(
    page: Page, desk: Page, stranger: Stranger, element: str
):
    text = f"Mistaken for harmful: {element}."
    marked = opened(page, desk, stranger, text, element)
    before = len(sent_views(page))
    page.clock.run_for(FIVE_MINUTES)
    expect(marked.locator("[part=notice]")).to_be_visible()
    take_back(desk, stranger, text)
    page.clock.run_for(FIVE_MINUTES)
    expect(marked.locator("[part=notice]")).to_have_count(0)
    assert shows(marked, text)
    assert len(sent_views(page)) == before


def test_what_stands_in_place_of_a_text_follows_the_page_into_another_language(
    page: Page, desk: Page, stranger: Stranger
):
    marked = opened(page, desk, stranger, "Withdrawn in every language.")
    notice = marked.locator("[part=notice]")
    expect(notice).to_have_text("This text was withdrawn by a moderator.")
    for lang, words in {
        "de": "Dieser Text wurde von der Moderation zurückgezogen.",
        "en": "This text was withdrawn by",
    }.items():
        page.evaluate("(lang) => { document.documentElement.lang = lang }", lang)
        expect(notice).to_contain_text(words)
        expect(notice).to_have_attribute("lang", lang)


def test_a_withdrawal_ends_in_an_element_too_that_the_page_had_put_away(page: Page, desk: Page, stranger: Stranger):
    text = "Put away for a while."
    marked = opened(page, desk, stranger, text)
    page.evaluate("window.away = document.querySelector('article'); away.remove()")
    page.clock.run_for(FIVE_MINUTES)
    page.evaluate("document.querySelector('main').append(away)")
    expect(marked.locator("[part=notice]")).to_be_visible()
    take_back(desk, stranger, text)
    page.clock.run_for(FIVE_MINUTES)
    expect(marked.locator("[part=notice]")).to_have_count(0)
    assert shows(marked, text)


def test_a_withdrawal_ends_in_an_element_too_that_showed_another_text_meanwhile(
    page: Page, desk: Page, stranger: Stranger
):
    text = "Shown in turn with another one."
    marked = opened(page, desk, stranger, text)
    for words in ("The other one.", text):
        page.evaluate("(words) => { document.querySelector('article').firstChild.data = words }", words)
        page.clock.run_for(3_000)
        expect(marked.locator("[part=notice]")).to_be_visible(visible=words == text)
        page.clock.run_for(FIVE_MINUTES)
    take_back(desk, stranger, text)
    page.clock.run_for(FIVE_MINUTES)
    expect(marked.locator("[part=notice]")).to_have_count(0)
    assert shows(marked, text)


def test_a_corrected_label_that_is_taken_back_ends_at_the_next_view(page: Page, desk: Page, stranger: Stranger):
    text = "Corrected by mistake."
    decided_upon(desk, stranger, text, "Correct the label")
    page.clock.install()
    page.goto(stranger.page(f"<article data-machine-generated data-model='jamba-large'>{text}</article>"))
    marked = page.locator("article")
    page.clock.run_for(3_000)
    expect(marked).to_have_attribute("ai-model", "jamba-corrected")
    take_back(desk, stranger, text)
    page.clock.run_for(FIVE_MINUTES)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    page.clock.run_for(3_000)
    expect(marked).to_have_attribute("ai-model", "jamba-large")


def test_a_badge_that_the_page_hides_later_is_told_with_the_next_text(page: Page, stranger: Stranger):
    with next_views(page) as views:
        page.goto(stranger.page("<article data-machine-generated>Its badge is plain.</article>"))
    assert [view["disclosed"] for view in seen(views.value)] == [True]
    with next_views(page) as views:
        page.evaluate(
            """() => {
                const style = new CSSStyleSheet();
                style.replaceSync("article::part(label) { display: none !important }");
                document.adoptedStyleSheets.push(style);
                document.querySelector("article").textContent = "Its badge is not.";
            }"""
        )
    assert [(view["disclosed"], view["hidden_by"]) for view in seen(views.value)] == [(False, "display")]


def test_words_that_did_not_come_are_asked_for_again(page: Page, stranger: Stranger):
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    page.route("**/words/de.json", lose_the_first)
    page.goto(stranger.page("<article data-machine-generated>Zuerst.</article>", lang="de"))
    expect(badge(page.locator("article"))).to_have_text("Maschinell erzeugt")
    assert len(lost) == 1
    page.evaluate(
        """() => {
            const late = document.createElement("section");
            late.dataset.machineGenerated = "";
            late.textContent = "Danach.";
            document.querySelector("main").append(late);
        }"""
    )
    expect(badge(page.locator("section"))).to_have_text("Maschinell erzeugt")


def test_labels_follow_a_page_that_changes_its_language(page: Page, stranger: Stranger):
    page.goto(
        stranger.page(
            "<article data-machine-generated>Le texte.</article>"
            "<div lang=es><p data-machine-generated>Texto.</p></div>",
            lang="fr",
        )
    )
    expect(badge(page.locator("article"))).to_have_text("Généré par une machine")
    page.evaluate("document.documentElement.lang = 'de'")
    expect(badge(page.locator("article"))).to_have_text("Maschinell erzeugt")
    expect(report_control(page.locator("article"))).to_have_text("Melden")
    expect(page.locator("div[lang=es] [part=label]")).to_have_attribute("lang", "es")


MANY = 1200


def test_of_many_hundred_texts_in_view_each_is_told_soon(new_page: NewPage, stranger: Stranger):
    page = new_page(viewport={"width": 2400, "height": 9500})
    page.goto(stranger.page("".join(f"<span data-machine-generated>Text {number}.</span> " for number in range(MANY))))
    record.until(
        lambda _: len({view["text_sha256"] for sent in sent_views(page) for view in seen(sent) if sent.status}) == MANY
    )
