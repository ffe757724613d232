"""What sites' texts are for, as persons signed it."""

from datetime import datetime

from peewee import fn

from widget_server.rules.declarations import Declared, Draft, declaration_state
from widget_server.rules.marking import fold
from widget_server.rules.purposes import PROHIBITED, PURPOSES
from widget_server.storage import changes, log, seals, sites
from widget_server.storage.seals import Kind
from widget_server.storage.tables import Declaration, Moderator, Site, database


class Newer(Exception):
    """Somebody else has signed meanwhile: `declaration` holds now."""

    def __init__(self, declaration: Declaration) -> None:
        super().__init__("signed by somebody else meanwhile")
        self.declaration = declaration


def newest(site: int) -> Declaration | None:
    """What holds for this site."""
    return Declaration.select().where(Declaration.site == site).order_by(Declaration.version.desc()).first()


def of_every_site() -> dict[int, Declaration]:
    """What holds, for each site that has declared anything."""
    later = Declaration.alias()
    last = later.select(fn.MAX(later.version)).where(later.site == Declaration.site)
    return {row.site_id: row for row in Declaration.select().where(Declaration.version == last)}


def history(site: int) -> list[Declaration]:
    """All that was ever signed for this site, the newest first."""
    query = Declaration.select(Declaration, Moderator).left_outer_join(Moderator)
    return list(query.where(Declaration.site == site).order_by(Declaration.version.desc()))


def find(site: int, version: int) -> Declaration | None:
    return Declaration.get_or_none((Declaration.site == site) & (Declaration.version == version))


def sign(site: Site, draft: Draft, *, seen: int | None, moderator: int | None, at: datetime) -> Declaration:
    """A new declaration takes the place of the last, which stays on record.

    `draft` has no mistakes. `seen`: the version that the signer had in view, 0 for none, None for whichever. Raises
    Newer if another one was signed meanwhile.
    """
    with database.atomic():
        sites.locked(site)
        last = newest(site.id)
        version = last.version if last else 0
        if last and seen not in (None, version):
            raise Newer(last)
        changes.changed(site.id)
        declaration = Declaration.create(
            site=site,
            version=version + 1,
            purposes=[
                {"code": purpose.code, "name": purpose.name, "reason": draft.purposes[purpose.code].strip()}
                for purpose in PURPOSES.values()
                if purpose.code in draft.purposes
            ],
            confirmed=[{"clause": one.clause, "name": one.name, "meaning": one.meaning} for one in PROHIBITED.values()],
            words=draft.words.strip(),
            signed_by=fold(draft.signed_by),
            role=fold(draft.role),
            email=seals.seal(Kind.ADDRESS, draft.email.strip()) if draft.email.strip() else "",
            signed_at=at,
            moderator=moderator,
        )
        log.write(
            "declare purpose",
            f"site {site.key}",
            moderator=moderator,
            at=at,
            site=site.id,
            version=declaration.version,
            purposes=", ".join(codes(declaration)),
            signed_by=declaration.signed_by,
        )
    return declaration


def address(declaration: Declaration) -> str:
    """Where its signer is asked to renew it; empty if nowhere."""
    return seals.opened(Kind.ADDRESS, declaration.email) if declaration.email else ""


def shown_address(declaration: Declaration) -> str:
    return seals.shown(Kind.ADDRESS, declaration.email)


def codes(declaration: Declaration) -> tuple[str, ...]:
    return tuple(purpose["code"] for purpose in declaration.purposes)


def as_it_stands(declaration: Declaration, *, at: datetime) -> Declared:
    """A declaration as the rules take it, on the day of `at`."""
    signed_on = declaration.signed_at.date()
    state = declaration_state(signed_on, at.date())
    return Declared(codes(declaration), declaration.signed_by, declaration.role, signed_on, state)
