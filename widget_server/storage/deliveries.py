"""Mails that are owed: written in the transaction that causes them, sent afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta

from widget_server.storage.tables import Case, Delivery, Report, database

FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 12
OUTCOME_WORDS = {
    "dismissed": "The text stays. No clause of the guideline was found to be broken.",
    "withdrawn": "The text was withdrawn.",
    "relabelled": "The text's label was corrected.",
}


def confirm_receipt(address: str, *, status_url: str, at: datetime) -> None:
    """DSA Art. 16.4: confirm a report without delay to a reporter who left an address."""
    _owe(
        address,
        "Your report was received",
        "Thank you. Your report on a machine-generated text was received and a person will look at it.\n\n"
        f"See what became of it, or take it back:\n{status_url}\n",
        at=at,
    )


def tell_reporters(case: Case, *, outcome: str, message: str, link: Callable[[Report], str], at: datetime) -> None:
    """DSA Art. 16.5: tell the decision, and that it can be appealed, to every reporter who left an address.

    `link` gives the address of a report's page.
    """
    reachable = Report.select().where(Report.case == case, Report.email != "", Report.taken_back_at.is_null())
    for report in reachable:
        _owe(
            report.email,
            "Your report was decided",
            f"{OUTCOME_WORDS[outcome]}\n\nThe moderator's message:\n{message}\n\n"
            f"It was decided by a person, not automatically. If you disagree, you can appeal here:\n{link(report)}\n",
            at=at,
        )


def waiting(*, at: datetime, most: int = 50) -> list[Delivery]:
    """Deliveries that are due."""
    return list(Delivery.select().where(Delivery.due_at <= at).order_by(Delivery.due_at).limit(most))


def send(deliver: Callable[[str, str, str], str | None], *, at: datetime) -> int:
    """Try every delivery that is due. `deliver` takes address, subject and body and gives None or what went wrong.

    A failed one is tried again after a pause that doubles; after MOST_ATTEMPTS it is given up and stays listed.
    Returns how many were delivered.
    """
    delivered = 0
    for owed in waiting(at=at):
        failure = deliver(owed.address, owed.subject, owed.body)
        owed.attempts += 1
        owed.failure = failure or ""
        if failure is None:
            delivered += 1
            owed.delivered_at, owed.due_at = at, None
            owed.address = owed.body = ""
        elif owed.attempts >= MOST_ATTEMPTS:
            owed.due_at = None
        else:
            owed.due_at = at + FIRST_PAUSE * 2 ** (owed.attempts - 1)
        with database.atomic():
            owed.save()
    return delivered


def forget(address: str) -> None:
    """Nothing more goes to this address."""
    if address:
        Delivery.delete().where(Delivery.address == address).execute()


def _owe(address: str, subject: str, body: str, *, at: datetime) -> None:
    Delivery.insert(address=address, subject=subject, body=body, created_at=at, due_at=at).execute()
