"""Under which other digests the text of a case is asked for: few texts have any (rules/normal_forms.py)."""

from widget_server.rules import marking
from widget_server.storage import changes, sums
from widget_server.storage.tables import Case, OtherDigest


def note(case: Case, text: str) -> None:
    """Keep those of a text that has come for a locked case, if it is whole."""
    found = marking.digests(text)
    if case.text_sha256 not in found:
        return
    rows = [(digest, case.id) for digest in sorted(found - {case.text_sha256})]
    if rows and (new := {str(digest) for digest, _ in sums.add_missing(OtherDigest, rows)}):
        changes.known_as(case.site_id, case.id, new)
