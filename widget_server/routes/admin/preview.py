"""What a decision would do, before it is made."""

from collections.abc import Iterable
from typing import Any

from widget_server.rules.moderation import STAYS, WAITING, State
from widget_server.storage import counted, holding, reported
from widget_server.storage.reported import Said
from widget_server.storage.tables import Case


def corrected_with(case: Case, followers: Iterable[int]) -> list[Case]:
    """Of a case and those that are decided along with it, the ones whose label is corrected."""
    waits = State(case.state) in WAITING
    found = counted.corrected([case.id, *followers])
    return [one for one in found if not waits or State(one.state) in WAITING]


def preview_of(form: dict[str, Any], case: Case, *, said: Said, corrected: list[Case]) -> dict[str, Any]:
    """The decision that the form makes. `labels`: of those cases whose label is `corrected` the ones on which the text
    stays; `stay`: the numbers of those whose label does; `readers`: how many reporters are told, and `by_mail`.
    """
    about = [one for one in corrected if one.id == case.id or one.id in form["along"]]
    labels = about if form["decision"] in STAYS else []
    stay = [one.id for one in labels if one.stays and not form["label_back"]]
    readers, by_mail = said.total, said.by_mail
    if case.id in stay and (correction := holding.correction(case.id)):
        readers, by_mail = reported.told(case, since=correction.decided_at)
    return {**form, "labels": labels, "stay": stay, "readers": readers, "by_mail": by_mail}
