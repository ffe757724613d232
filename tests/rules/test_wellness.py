"""What keeps moderators well."""

from dataclasses import replace

import pytest

from widget_server.rules.wellness import PAUSE_AFTER, Mask, Wishes, changed, masked, pause_due, wishes


@pytest.mark.parametrize(
    ("category", "urgent", "mask", "hidden"),
    [
        ("self_harm", False, Mask.URGENT, True),
        ("spam", False, Mask.URGENT, False),
        ("spam", True, Mask.URGENT, True),
        ("spam", False, Mask.ALL, True),
        ("child_sexual", True, Mask.NONE, False),
    ],
)
def test_a_text_is_hidden_as_its_moderator_wishes(category: str, urgent: bool, mask: Mask, hidden: bool) -> None:
    assert masked(category, mask, urgent=urgent) is hidden


@pytest.mark.parametrize(
    ("texts", "after", "due"), [(39, 40, False), (40, 40, True), (41, 40, True), (0, 0, False), (999, 0, False)]
)
def test_a_pause_is_offered_after_so_many_texts(texts: int, after: int, due: bool) -> None:
    assert pause_due(texts, after) is due


def test_a_pause_comes_after_forty_texts_unless_somebody_wishes_otherwise() -> None:
    assert (wishes(None).pause_after, PAUSE_AFTER) == (40, 40)


@pytest.mark.parametrize(
    ("typed", "now", "holds"),
    [
        (Wishes(pause_after=10), Wishes(not_me=("hate",)), Wishes(pause_after=10, not_me=("hate",))),
        (Wishes(not_me=("spam",)), Wishes(not_me=("hate",)), Wishes(not_me=("hate", "spam"))),
        (Wishes(grey=True), Wishes(wide=True), Wishes(grey=True, wide=True)),
        (Wishes(pause_after=10), Wishes(pause_after=20, mask=Mask.ALL), Wishes(pause_after=10, mask=Mask.ALL)),
    ],
)
def test_what_was_wished_on_another_page_meanwhile_holds_but_for_what_is_wished_otherwise(
    typed: Wishes, now: Wishes, holds: Wishes
) -> None:
    met = changed(typed, shown=Wishes().apart(), now=now)
    assert (met, set(met.not_me)) == (replace(holds, not_me=met.not_me), set(holds.not_me))


def test_wishes_are_kept_whole() -> None:
    own = Wishes(mask=Mask.ALL, pause_after=7, not_me=("hate", "spam"), grey=True, wide=True)
    assert wishes(own.as_json()) == own
    assert wishes(None) == Wishes(pause_after=PAUSE_AFTER)
    assert wishes({"not_me": ["hate", "a category of before"]}).not_me == ("hate",)
