"""Texts that come whole after what was said to begin them, or after their signature: where they belong from then on."""

from datetime import datetime

from widget_server.rules import moderation
from widget_server.rules.marking import is_whole
from widget_server.rules.moderation import State
from widget_server.storage import cards, cases, counted, digests, kin, log
from widget_server.storage.tables import Case, Report, database


def complete(number: int, text: str, *, moderator: int, at: datetime) -> bool:
    """Give a case the whole of its text, of which the beginning alone had come, or nothing. Whether this is it."""
    with database.atomic():
        case = cases.locked(Case.id == number)
        if case is None or not (case.text or awaits_text(case)) or not is_whole_of(case, text):
            return False
        leave(case)
        case.text, case.version = text, case.version + 1
        case.verified = Report.select().where(Report.case == case.id, Report.verified).exists()
        digests.note(case, text)
        place(case)
        log.write("complete text", f"case {case.id}", moderator=moderator, at=at, site=case.site_id)
    return True


def is_whole_of(case: Case, text: str) -> bool:
    """Whether this is the whole of a text that has not come whole."""
    return text != case.text and is_whole(text, case.text_sha256) and not is_whole(case.text, case.text_sha256)


def awaits_text(case: Case) -> bool:
    """Whether a signature alone has told which text is meant, and none of its words have come."""
    return not case.text and case.verified and State(case.state) in moderation.WAITING


def leave(case: Case) -> None:
    """The whole of a locked case's text comes: nothing stays together that was put together by what was said to begin
    it.
    """
    if not case.text:
        return
    from_card = case.leader_id
    for one in kin.followers(case):
        one.leader = None
        cases.keep(one)
    case.leader = None
    if case.leads:
        case.leads = False
        counted.weigh(case)
    cases.keep(case)
    cards.ease(from_card)


def place(case: Case) -> None:
    """Keep a locked case whose text has come. If it waits alone, and is whole, it goes on a near-duplicate's card."""
    if case.state == State.OPEN and not (case.leader_id or case.leads):
        case.leader = cards.fitting(case)
    cards.put_back(case)
    kin.note(case)
