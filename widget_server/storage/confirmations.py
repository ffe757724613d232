"""A reporter's e-mail address: that it is theirs, who looks it up, and that it is forgotten."""

from datetime import datetime

from widget_server.rules import keys
from widget_server.rules.keys import Secrets
from widget_server.storage import bursts, cards, cases, counted, deliveries, log, reports, webhooks
from widget_server.storage.tables import Case, Report, database


def proof_of(report: Report, server_secrets: Secrets) -> str:
    """What the mail to this reporter tells and nothing else does."""
    return _proofs(report, server_secrets)[0]


def confirm(report: Report, proof: str, *, server_secrets: Secrets, at: datetime) -> bool:
    """The address is the reporter's own: the report goes before raw ones on its case, and counts again if it was aside.

    False if the proof is not of this report and address.
    """
    if not report.email or not any(keys.same(proof, right) for right in _proofs(report, server_secrets)):
        return False
    with database.atomic():
        case = cases.locked(Case.id == report.case_id)
        now = reports.find_again(report)
        if case is None or now is None or not now.email:
            return False
        if now.confirmed_at is None:
            before = case.state, case.urgent
            Report.update(confirmed_at=at, unproved=False).where(Report.id == now.id).execute()
            if now.aside_at:
                bursts.count_again(case, now, at=at)
            counted.weigh(case)
            cards.put_back(case)
            webhooks.tell_of_waiting(case, before=before, at=at)
            log.write("confirm address", f"case {case.id}", moderator=None, at=at, site=case.site_id)
    return True


def look_up(case: Case, number: int, *, moderator: int, at: datetime) -> str | None:
    """The address that the reporter with this number left, for a moderator; the log keeps that they have seen it.

    None if there is no such report on the case, or no address. Raises CannotOpen.
    """
    of_case = (Report.id == number) & (Report.case == case) & (Report.email != "")
    report = Report.get_or_none(of_case & Report.taken_back_at.is_null())
    if report is None:
        return None
    address = deliveries.address(report)
    with database.atomic():
        log.write("see address", f"case {case.id}", moderator=moderator, at=at, site=case.site_id, report=report.id)
    return address


def forget_address(report: Report, *, at: datetime) -> None:
    """The reporter wants no more mail: the address is destroyed, and what is owed to it. The report stays."""
    with database.atomic():
        Report.update(email="", receipt=None).where(Report.id == report.id).execute()
        deliveries.forget(report)
        log.write("forget address", f"case {report.case_id}", moderator=None, at=at, site=report.site_id)


def _proofs(report: Report, server_secrets: Secrets) -> list[str]:
    address = deliveries.address(report)
    return [keys.confirmation(secret, sender=report.sender, email=address) for secret in server_secrets]
