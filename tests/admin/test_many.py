"""Many cases decided alike: exactly those that were shown, as they were shown."""

import re

import pytest

from tests.admin.test_queue import LONG
from tests.conftest import Desk, Page
from widget_server.storage import bulk, connection
from widget_server.storage.tables import Case, Ruling

NEAR = LONG.replace("Rome", "Milan")


def told(desk: Desk, form: dict[str, str], **changed: str) -> str:
    """What the moderator reads after the decision."""
    answer = desk.decide_many(form, **changed)
    assert answer.status_code == 303, answer.text
    page = desk.get(answer.headers["Location"]).text.split("<main")[1]
    return " ".join(re.sub("<[^>]+>", "", page).split())


def states() -> list[str]:
    return [case.state for case in Case.select().order_by(Case.id)]


def test_many_cases_are_decided_alike_after_a_dry_run_and_taken_back(news: Page, desk: Desk, other_desk: Desk) -> None:
    receipts = [news.report(f"spam {number}", category="spam").json["receipt"] for number in range(12)]
    news.report("something else", category="hate")
    other_desk.post("/admin/reports/3/claim", "/admin/reports/3")
    shown = desk.get("/admin/reports/all?category=spam").text
    assert "Decide 12 cases alike" in shown
    form = desk.many("category=spam")
    news.report("one that came later", category="spam")
    answer = desk.decide_many(form, decision="withdraw", message="All of it was spam.")
    assert "11 decisions hold" in (batch := desk.get(answer.headers["Location"]).text)
    assert "1 case was left as it is" in batch
    assert [news.status(receipt)["state"] for receipt in receipts].count("decided") == 11
    undo = answer.headers["Location"].split("?")[0] + "/undo"
    assert desk.post(undo, answer.headers["Location"]).status_code == 303
    assert [news.status(receipt)["state"] for receipt in receipts].count("decided") == 0


@pytest.mark.parametrize("meanwhile", ["", "withdraw"])
def test_a_card_of_a_batch_is_put_back_together_unless_it_was_decided_again(
    news: Page, desk: Desk, meanwhile: str
) -> None:
    news.report(LONG)
    news.report(NEAR)
    batch = desk.decide_many(desk.many("category=misinformation")).headers["Location"]
    assert Ruling.select().count() == 2
    if meanwhile:
        desk.decide(1, meanwhile)
    assert desk.post(batch.split("?")[0] + "/undo", batch).status_code == 303
    assert desk.cases() == ([2] if meanwhile else [1])
    assert Case.get_by_id(2).leader_id == (None if meanwhile else 1)


def test_all_cases_at_once_are_never_decided_alike(news: Page, desk: Desk) -> None:
    news.report()
    assert desk.get("/admin/reports/all").status_code == 400
    shown = desk.many("category=misinformation")
    assert desk.decide_many(shown, category="", message="").status_code == 400
    for wrong in ("", "1", "1:x", "x:1", " ".join(f"{number}:0" for number in range(1001))):
        assert desk.decide_many(shown, shown=wrong).status_code == 422
    assert states() == ["open"]


def test_what_is_shown_is_decided_whatever_category_it_turns_out_to_be(news: Page, desk: Desk) -> None:
    news.report("This claim stands elsewhere in the queue.", category="misinformation")
    news.report("Buy these shoes at once.", category="spam")
    told(desk, desk.many("category=spam"), decision="withdraw", as_category="misinformation")
    assert states() == ["open", "withdrawn"]
    assert Ruling.get().category == "misinformation"


def test_cases_of_several_categories_are_decided_alike(news: Page, desk: Desk) -> None:
    for category, text in (("spam", "Buy these shoes."), ("spam", "And these."), ("fraud", "Send me your savings.")):
        news.report(text, category=category, lang="en")
    shown = desk.get("/admin/reports/all?lang=en").text
    assert "Spam <span" in shown
    assert "× 2" in shown
    assert "3 decisions hold" in told(desk, desk.many("lang=en"))


def test_a_label_is_not_corrected_for_many(news: Page, desk: Desk) -> None:
    news.report(category="wrong_label")
    form = desk.many("category=wrong_label")
    assert 'value="relabel"' not in desk.get("/admin/reports/all?category=wrong_label").text
    for decision in ("relabel", "escalate"):
        assert desk.decide_many(form, decision=decision, model="m", note="n").status_code == 422
    assert states() == ["open"]


def test_a_case_to_which_something_new_came_is_left_and_told(news: Page, desk: Desk, other_desk: Desk) -> None:
    for text in ("Buy these shoes at once.", "Send me all your savings.", "This cures everything."):
        news.report(text, category="spam", lang="en")
    form = desk.many("lang=en")
    receipt = news.report("Send me all your savings.", category="self_harm", comment="She followed it.").json["receipt"]
    other_desk.decide(3, "withdraw")
    assert "2 cases were left: something new came to them, or a decision, after they were shown." in told(desk, form)
    assert states() == ["dismissed", "open", "withdrawn"]
    assert news.status(receipt)["state"] != "decided"


def test_more_of_the_same_keeps_nobody_from_deciding(news: Page, desk: Desk) -> None:
    news.report(category="spam")
    form = desk.many("category=spam")
    news.report(category="spam", comment="I saw it, too.")
    assert "left" not in told(desk, form)
    assert states() == ["dismissed"]


def test_what_stands_on_their_cards_is_shown_and_decided_as_it_was_shown(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="self_harm")
    shown = desk.get("/admin/reports/all?category=spam").text
    assert "1 near-duplicate on their cards, too" in shown
    assert "case 2</a> Encourages self-harm or suicide" in shown
    form = desk.many("category=spam")
    news.report(NEAR, category="violence", comment="He names my street.")
    news.report(LONG.replace("Rome", "Turin"), category="spam")
    assert "1 case was left: something new came to it" in told(desk, form)
    assert states() == ["dismissed", "open", "open"]
    assert desk.cases() == [2]


def test_the_words_of_what_is_decided_along_are_shown(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report("Quite another text, about shoes.", category="spam")
    desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1")
    for mask in ("urgent", "all"):
        desk.post("/admin/wishes", "/admin/wishes", mask=mask, pause_after="0")
        for page in ("/admin/reports/all?category=spam", "/admin/reports/1"):
            shown = desk.get(page).text
            assert "Quite another text, about shoes." in shown
            assert ("32 characters, hidden" in shown) == (mask == "all")


def test_near_duplicates_are_left_where_the_moderator_wants_it(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="spam")
    form = desk.many("category=spam")
    form.pop("along")
    assert "1 decision holds" in told(desk, form)
    assert (states(), desk.cases()) == (["dismissed", "open"], [2])


def test_a_mistake_in_the_form_shows_what_was_shown_once_more(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="spam")
    form = desk.many("category=spam")
    news.report("Another one that came meanwhile.", category="spam")
    news.report(NEAR, category="violence")
    again = desk.decide_many(form, message=" ")
    assert (again.status_code, "Decide 1 case alike" in again.text) == (422, True)
    for field in ("shown", "along"):
        assert f'name="{field}" value="{form[field]}"' in again.text
    assert "1 case was left" in told(desk, form)


class TestStoppedMidway:
    """An error comes in between: here a case that no code of ours has left so."""

    @pytest.fixture
    def form(self, news: Page, desk: Desk) -> dict[str, str]:
        for number in range(bulk.CHUNK + 2):
            news.report(f"spam {number}", category="spam")
        return desk.many("category=spam")

    def spoil(self, number: int) -> None:
        with connection():
            Case.update(state="spoiled").where(Case.id == number).execute()

    def test_what_is_decided_is_told_and_can_be_taken_back_in_one_go(
        self, news: Page, desk: Desk, form: dict[str, str]
    ) -> None:
        self.spoil(bulk.CHUNK + 1)
        answer = desk.decide_many(form)
        assert (answer.status_code, "50 of 52 cases are decided." in answer.text) == (500, True)
        batch = re.search(r'href="(/admin/batches/\w+)"', answer.text)[1]
        assert f'href="{batch}"' in (log := desk.get("/admin/log").text)
        assert "decided: 50, of: 52" in log
        assert "50 decisions hold" in desk.get(batch).text
        assert desk.post(f"{batch}/undo", batch).status_code == 303
        assert "dismissed" not in states()

    def test_what_is_taken_back_is_told(self, news: Page, desk: Desk, form: dict[str, str]) -> None:
        batch = desk.decide_many(form).headers["Location"].split("?")[0]
        with connection():
            Ruling.update(outcome="spoiled").where(Ruling.case == bulk.CHUNK + 1).execute()
        answer = desk.post(f"{batch}/undo", batch)
        assert (answer.status_code, "50 of 52 decisions are taken back." in answer.text) == (500, True)
        assert f'href="{batch}"' in answer.text
        assert states().count("open") == 50

    def test_where_nothing_was_decided_nothing_is_told_of_a_batch(
        self, news: Page, desk: Desk, form: dict[str, str]
    ) -> None:
        self.spoil(1)
        answer = desk.decide_many(form)
        assert (answer.status_code, "/admin/batches" in answer.text) == (500, False)
        assert "dismissed" not in states()
        assert "decide many" not in desk.get("/admin/log").text
