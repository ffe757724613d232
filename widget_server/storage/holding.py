"""Which decision on a case holds."""

from widget_server.storage.tables import Case, Ruling


def last(case: Case, *, final: bool = False) -> Ruling | None:
    """The newest decision that was not undone."""
    query = Ruling.select().where(Ruling.case == case, Ruling.undone_at.is_null())
    return (query.where(Ruling.outcome.is_null(False)) if final else query).order_by(Ruling.id.desc()).first()
