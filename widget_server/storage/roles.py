"""Who is what on which site."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import SQL, ModelSelect

from widget_server.rules.access import DECIDE, RANK, READ, VERBS, Role, Standing, may
from widget_server.storage import claims, log, webhooks
from widget_server.storage.fresh import Fresh
from widget_server.storage.tables import Invitation, Membership, Moderator, Site, database


class NotAccepted(Exception):
    """What cannot be done with an account. The text says why and the remedy."""


class Newer(NotAccepted):
    """Somebody else has changed these roles meanwhile."""


DECIDING = [str(role) for role in RANK if may(role, DECIDE)]


def give(person: Moderator, standing: Standing) -> None:
    """Have somebody be exactly this."""
    rows = [{"moderator": person, "site": site, "role": role} for site, role in sorted(standing.on.items())]
    if standing.everywhere:
        rows.append({"moderator": person, "site": None, "role": standing.everywhere})
    with database.atomic():
        lock(person)
        Membership.delete().where(Membership.moderator == person).execute()
        if rows:
            Membership.insert_many(rows).execute()
    forget()


def lock(person: Moderator) -> None:
    """Nobody else changes what somebody is before the transaction ends."""
    if database.for_update:
        Moderator.select(Moderator.id).where(Moderator.id == person.id).for_update().execute()


def change(
    person: Moderator, to: Standing, *, by: int | None, at: datetime, shown: Mapping[str, Any] | None = None
) -> int:
    """Give somebody other roles; cases that are no more theirs to decide go back to all. Raises NotAccepted.

    Returns how many webhooks are paused: theirs, of sites on which they are nothing any more. `by` None: the log is
    told by the caller. `shown`: the roles (as JSON) that whoever gives others had in view.
    """
    with database.atomic():
        lock(person)
        before = of([person])[person.id]
        if shown is not None and before.as_json() not in (shown, to.as_json()):
            raise Newer("Somebody else has changed these roles meanwhile: below is what holds. Look, and change it.")
        if to.everywhere is not Role.OWNER and _last_owner(person):
            raise NotAccepted("There must be an owner of all sites: make somebody else one first.")
        give(person, to)
        if not to.may(VERBS["invite"]):
            end_invitations(person, by=by, at=at)
        claims.leave(person, but=to.sites(DECIDE))
        paused = webhooks.leave(person, but=to.sites(READ), by=by, at=at)
        if by is not None:
            log.write("change roles", person.email, moderator=by, at=at, roles=told(to))
            tell_sites("change role", person.email, to, before=before, by=by, at=at)
    return paused


def end_invitations(person: Moderator, *, by: int | None, at: datetime) -> None:
    """What somebody has invited others to, they may not give any more: nobody comes in by it."""
    ended = Invitation.delete().where(Invitation.invited_by == person).returning(Invitation).execute()
    for email in sorted(one.email for one in ended):
        log.write("revoke invitation", email, moderator=by, at=at)


NOTHING = Standing()


def tell_sites(
    verb: str, email: str, to: Standing, *, before: Standing = NOTHING, by: int | None, at: datetime
) -> None:
    """Keep for the people of each site what somebody is there now, if it is another than before; nothing of others."""
    for site in Site.select().order_by(Site.id):
        role = to.on_site(site.id)
        if role is not before.on_site(site.id):
            log.write(verb, email, moderator=by, at=at, site=site.id, of_site=site.key, role=role or "none")


def told(standing: Standing) -> str:
    """A standing as the log tells it: by the keys of the sites."""
    return ", ".join(standing.in_words(dict(Site.select(Site.id, Site.key).tuples())))


def may_invite(moderator: int) -> bool:
    """Whether this person may still ask others to the desk."""
    rows = Membership.select().join(Moderator).where(Membership.moderator == moderator, Moderator.removed_at.is_null())
    return standing(rows).may(VERBS["invite"])


def _last_owner(person: Moderator) -> bool:
    owners = Membership.select().where(Membership.site.is_null(), Membership.role == Role.OWNER)
    numbers = [row.moderator_id for row in (owners.for_update() if database.for_update else owners)]
    return numbers == [person.id]


def standing(rows: Iterable[Membership]) -> Standing:
    """What these memberships of one person add up to."""
    roles = {row.site_id: Role(row.role) for row in rows}
    return Standing(roles.pop(None, None), roles)


def of(people: Iterable[Moderator]) -> dict[int, Standing]:
    """What each of these people is."""
    found: dict[int, list[Membership]] = {person.id: [] for person in people}
    for row in Membership.select().where(Membership.moderator.in_(list(found))):
        found[row.moderator_id].append(row)
    return {number: standing(rows) for number, rows in found.items()}


_deciders: Fresh[list[Moderator]] = Fresh()
forget = _deciders.forget


def deciders(site: int) -> list[Moderator]:
    """The people who may decide on a site."""

    def read() -> list[Moderator]:
        return list(_deciding(site).order_by(Moderator.email))

    return _deciders.get(site, read)


def decides(moderator: int, site: int) -> bool:
    """Whether this person may decide on a site, now: who takes the role from them waits for the running transaction."""
    _hold(moderator)
    return _deciding(site).where(Moderator.id == moderator).exists()


def deciding_on(moderator: int) -> list[int] | None:
    """The sites on which this person may decide, now (None: all), as `decides`: before any case is locked."""
    _hold(moderator)
    there = Membership.select().join(Moderator).where(Moderator.id == moderator, Moderator.removed_at.is_null())
    return standing(there).sites(DECIDE)


def _hold(moderator: int) -> None:
    if database.for_update:
        Moderator.select(Moderator.id).where(Moderator.id == moderator).for_update("FOR KEY SHARE").execute()


def _deciding(site: int) -> ModelSelect:
    there = Membership.site.is_null() | (Membership.site == site)
    members = Membership.select(Membership.moderator).where(there, Membership.role.in_(DECIDING))
    return Moderator.select().where(Moderator.id.in_(members), Moderator.removed_at.is_null())


def others_than(people: Any, site: Any) -> ModelSelect:
    """Who else than these people (numbers, or what finds them) may decide on a site (a number, or a column)."""
    there = Membership.site.is_null() | (Membership.site == site)
    query = Membership.select(SQL("1")).join(Moderator).where(there, Membership.role.in_(DECIDING))
    return query.where(Membership.moderator.not_in(people), Moderator.removed_at.is_null())


def named(role: Role, keys: Iterable[str], known: Mapping[str, Site]) -> Standing:
    """A role on the sites with these keys; on all, where none is named. Raises LookupError with the unknown key."""
    wanted = list(keys)
    for key in wanted:
        if key not in known:
            raise LookupError(key)
    return Standing(on={known[key].id: role for key in wanted}) if wanted else Standing(role)
