"""The guideline, sentence by sentence, its own examples included: what each means on a page and at the desk."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.processes import answer_of
from e2e.steps import badge, decide, expect_kept, next_views, open_case, report, report_control, seen, shows, sign_in
from widget_server import Refused
from widget_server.rules.harms import HARMS
from widget_server.rules.prompts import REQUIRED_CHARACTERS

FIXED = "You answer customers of a shop for garden tools, politely.. "
HELD = "This text is waiting to be reviewed by a person."


@dataclass
class Scene:
    """A site, a reader's page, and a moderator's desk."""

    page: Page
    desk: Page
    server: Server
    site: Stranger

    def shown(self, text: str, **about: object) -> bool:
        """Whether readers of a page that renders a text see it."""
        self.page.goto(self.site.page(self.site.render(text, **about)))
        marked = self.page.locator("machine-generated")
        expect(badge(marked)).to_be_visible()
        if shown := shows(marked, text):
            return shown
        expect(marked.locator("[part=notice]")).to_have_text(HELD)
        return False

    def refused(self, **about: object) -> str:
        """The clause under which a text is not rendered."""
        with pytest.raises(Refused) as refusal:
            self.site.render("A text.", **about)
        return refusal.value.clause

    def asked(self, path: str, **body: object) -> dict:
        """What the owner's programs are told."""
        headers = {"Authorization": f"Bearer {self.site.site['secret_key']}", "Content-Type": "application/json"}
        sent = json.dumps(body).encode() if body else None
        return answer_of(f"{self.server.url}/api/v1/{path}", body=sent, headers=headers)

    def clause(self, number: str) -> dict:
        """The evidence for a clause."""
        return next(one for one in self.asked("compliance")["clauses"] if one["clause"] == number)


def prohibited_use(scene: Scene, number: str) -> None:
    """Readers can report each of these uses; the decision and its clause are kept; the text leaves every page."""
    categories = [code for code, harm in HARMS.items() if harm.clause == number]
    for category in categories:
        text = f"A text of the kind {category}, as no other site has it, in words of its own for {number}."
        with next_views(scene.page):
            scene.page.goto(scene.site.page(f"<article data-machine-generated>{text}</article>"))
            expect(badge(scene.page.locator("article"))).to_be_visible()
        scene.site.report(text, category=category)
        open_case(scene.desk, scene.server, f"of the kind {category}")
        decide(scene.desk, "Withdraw", "It is gone.")
        expect_kept(scene.desk)
        scene.page.reload()
        expect(scene.page.locator("article [part=notice]")).to_be_visible()
    assert scene.clause(number)["evidence"]["decided_by_category"] == dict.fromkeys(categories, 1)


def presented_directly(scene: Scene) -> None:
    assert scene.shown("What a machine wrote, for whoever reads it.")


def channel_of_seven(scene: Scene) -> None:
    assert scene.shown("A bot in a channel of seven people says this.", audience="limited", audience_size=7)


def as_many_as_allowed(scene: Scene) -> None:
    assert scene.shown("For a hundred people.", audience="limited", audience_size=100)
    assert not scene.shown("For a hundred and one people.", audience="limited", audience_size=101)


def feed_bot(scene: Scene) -> None:
    """Held until a person has checked exactly this post."""
    text = "A bot posts this to a feed that anybody reads."
    assert not scene.shown(text, audience="public")
    scene.desk.goto(f"{scene.server.url}/admin/publications")
    scene.desk.get_by_role("article").filter(has_text=text).get_by_role("link").click()
    for check in ("Accuracy", "Plausibility", "Sources", "Harm"):
        scene.desk.get_by_role("checkbox", name=check).check()
    scene.desk.get_by_role("button", name="Approve").click()
    expect_kept(scene.desk)
    assert scene.shown(text, audience="public")
    expect(badge(scene.page.locator("machine-generated"))).to_have_text("Machine-generated, reviewed by a person")
    assert not scene.shown("Another post, which nobody has checked.", audience="public")
    assert scene.clause("2.i")["evidence"]["approved"] == 1


def customer_chat(scene: Scene) -> None:
    """Any number of customers, each alone with the chat."""
    assert scene.shown("An answer to one customer of very many.", audience="one_to_one", layout="chat")


def first_reader(scene: Scene) -> None:
    """The label stands before the text, without any action, at the first view of all, and that is measured."""
    with next_views(scene.page) as views:
        scene.page.goto(scene.site.page("<article data-machine-generated>The first reader sees this.</article>"))
        expect(badge(scene.page.locator("article"))).to_be_visible()
    assert [view["disclosed"] for view in seen(views.value)] == [True]
    usage = scene.site.usage()
    assert (usage["first_views"], usage["first_views_disclosed_share"]) == (1, 1.0)


def copywriting_tool(scene: Scene) -> None:
    """A proposal that arrives later is labelled in the frame in which it arrives."""
    scene.page.goto(scene.site.page("<p id='first' data-machine-generated>…</p><form><div id='proposal'></div></form>"))
    expect(badge(scene.page.locator("#first"))).to_be_visible()
    scene.page.evaluate(
        "proposal.innerHTML = '<p data-machine-generated data-model=jamba-large>Spring is in our shoes.</p>'"
    )
    expect(badge(scene.page.locator("#proposal p"))).to_have_text("Machine-generated")


def chatbot(scene: Scene) -> None:
    scene.page.goto(scene.site.page("<div data-machine-generated data-layout=chat>Hello! What can I do for you?</div>"))
    expect(badge(scene.page.locator("main > div"))).to_have_text("You are chatting with a machine")


def closed_beta_that_grows(scene: Scene) -> None:
    """Optional below the threshold, if the owner chose so; there with the first reader too many."""
    site = scene.site.site["site"]
    scene.server.command("site", "policy", site, "--control", "when_required")
    body = "<article data-machine-generated>A closed beta.</article>"
    tag = scene.site.site["script_tag"].replace(" defer", ' data-report="when-required" defer')
    address = scene.site.page(body, tag=tag)
    with next_views(scene.page):
        scene.page.goto(address)
    expect(report_control(scene.page.locator("article"))).to_be_hidden()
    for person in range(99):
        come(scene, f"person {person}")
    assert (scene.site.usage()["unique_viewers"], scene.site.usage()["report"]) == (100, "off")
    come(scene, "one too many")
    with next_views(scene.page):
        scene.page.reload()
    expect(report_control(scene.page.locator("article"))).to_be_visible()
    assert scene.site.usage()["threshold_state"] == "required"
    assert "crossed_on" in scene.clause("2.iii")["evidence"]


def come(scene: Scene, person: str) -> None:
    """A reader's view, over the API."""
    view = {"site": scene.site.site["site"], "viewer": person, "views": [{"text_sha256": "0" * 64, "disclosed": True}]}
    headers = {"Origin": scene.site.url, "Content-Type": "text/plain", "User-Agent": "Mozilla/5.0 Firefox/150.0"}
    answer_of(f"{scene.server.url}/api/v1/views", body=json.dumps(view).encode(), headers=headers)


def watched_and_answered(scene: Scene) -> None:
    """Three clicks; a person decides; the reader learns what became of it."""
    scene.page.goto(scene.site.page("<article data-machine-generated>The moon is a cheese of 1889.</article>"))
    receipt = report(scene.page.locator("article"), "False, invented or dangerous")
    assert scene.clause("2.iii")["state"] == "attention"
    open_case(scene.desk, scene.server, "cheese of 1889")
    decide(scene.desk, "Dismiss", "It is a joke, and says so.")
    expect_kept(scene.desk)
    scene.page.goto(f"{scene.server.url}/r/{receipt}")
    expect(scene.page.get_by_text("It is a joke, and says so.")).to_be_visible()
    assert scene.clause("2.iii")["state"] == "met"


def sixty_characters(scene: Scene) -> None:
    assert len(FIXED.strip()) == REQUIRED_CHARACTERS - 1
    assert scene.refused(prompt_template=FIXED + "{question}") == "3"
    assert scene.shown("An answer.", prompt_template=FIXED + "!{question}")
    assert scene.asked("prompts/check", template=FIXED + "{question}", variables=["question"])["ok"] is False


def custom_model(scene: Scene) -> None:
    assert scene.shown("An answer of our own model.", prompt_template="{question}", custom_model=True)


def decides_about_a_person(scene: Scene) -> None:
    assert scene.refused(purpose="credit_decision") == "4"
    reported_to_the_owner(scene, "4", "automated_decision")


def sorts_people(scene: Scene) -> None:
    assert scene.refused(purpose="profiling") == "5"
    reported_to_the_owner(scene, "5", "profiling")


def reported_to_the_owner(scene: Scene, number: str, category: str) -> None:
    """Nobody has declared what the texts are for; then a person signs, and what readers report against it waits."""
    assert scene.clause(number)["state"] == "not met"
    words = ("--purpose", "customer_support", "--signed-by", "Ada Lovelace", "--role", "Editor")
    scene.server.command("site", "declare", scene.site.site["site"], *words)
    assert scene.clause(number)["state"] == "met"
    scene.site.report(f"A text about a person, for clause {number}.", category=category)
    assert (scene.clause(number)["state"], scene.clause(number)["evidence"]["cases_waiting"]) == ("attention", 1)
    with pytest.raises(HTTPError) as refusal:
        scene.asked("render", text="A text.", purpose="translation")
    assert json.load(refusal.value)["clause"] == "4"


def evidence_of_all(scene: Scene) -> None:
    """The provider may check: every clause with its state, for an owner and for programs."""
    told = [clause["clause"] for clause in scene.asked("compliance")["clauses"]]
    assert told == ["1.i", "1.ii", "1.iii", "2.i", "2.ii", "2.iii", "3", "4", "5"]
    scene.desk.goto(f"{scene.server.url}/admin/compliance/{scene.site.site['site']}")
    for number in told:
        expect(scene.desk.get_by_text(number, exact=True).first).to_be_visible()


SENTENCES: list[tuple[str, str, Callable[[Scene], None]]] = [
    ("1.i", "no illegal use", lambda scene: prohibited_use(scene, "1.i")),
    ("1.ii", "no harassment, intimidation, fraud or spam", lambda scene: prohibited_use(scene, "1.ii")),
    ("1.iii", "no misinformation, self-harm or violence", lambda scene: prohibited_use(scene, "1.iii")),
    ("2", "generated text may be presented directly to people", presented_directly),
    ("2.i", "a bot in a channel of seven people is fine", channel_of_seven),
    ("2.i", "more than 100 people do not see what nobody has reviewed", as_many_as_allowed),
    ("2.i", "a public feed bot is not, unless a person checks each post", feed_bot),
    ("2.i", "a chat with one customer at a time may have any number of customers", customer_chat),
    ("2.ii", "the first person who views a text knows that a machine wrote it", first_reader),
    ("2.ii", "a copywriter is told that the proposal is machine-generated", copywriting_tool),
    ("2.ii", "a chatbot's user knows that it is a machine", chatbot),
    ("2.iii", "a closed beta need not offer reports until it grows past 100", closed_beta_that_grows),
    ("2.iii", "reports are monitored and responded to", watched_and_answered),
    ("3", "a prompt holds 60 characters not written by users", sixty_characters),
    ("3", "except with custom models", custom_model),
    ("4", "no automated decisions about people", decides_about_a_person),
    ("5", "no sorting of people", sorts_people),
    ("all", "the provider may check", evidence_of_all),
]


@pytest.mark.parametrize(
    ("sentence", "scenario"),
    [pytest.param(sentence, run, id=f"{clause}: {sentence}") for clause, sentence, run in SENTENCES],
)
def test_the_guideline_says(
    sentence: str, scenario: Callable[[Scene], None], page: Page, new_page: NewPage, server: Server
) -> None:
    site = Stranger(server, f"A site where {sentence}")
    desk = new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, server)
    try:
        scenario(Scene(page, desk, server, site))
    finally:
        site.http.shutdown()
