"""Who is asked to come to the desk, and may do so once."""

import secrets
from datetime import datetime

from widget_server.rules import access, accounts, keys
from widget_server.rules.access import INVITED_FOR, Standing
from widget_server.rules.keys import Secrets
from widget_server.storage import log, people, roles
from widget_server.storage.tables import Invitation, Moderator, Site, database


def make(email: str, standing: Standing, *, by: int, server_secret: str, at: datetime) -> tuple[Invitation, str]:
    """An invitation and the secret of its link; an older one to the same address ends. Raises NotAccepted."""
    address = people.address_for(email)
    token = keys.invitation(server_secret, nonce=secrets.token_urlsafe(24))
    with database.atomic():
        Invitation.delete().where(Invitation.email == address).execute()
        made = Invitation.create(
            email=address,
            token_sha256=keys.digest(token),
            roles=standing.as_json(),
            invited_by=by,
            created_at=at,
        )
        log.write("invite", address, moderator=by, at=at, roles=roles.told(standing))
        roles.tell_sites("invite to site", address, standing, by=by, at=at)
    return made, token


def forget_ended(*, at: datetime) -> None:
    """Who was asked and did not come is known no more."""
    Invitation.delete().where(Invitation.created_at < at - INVITED_FOR).execute()


def every(*, at: datetime) -> list[Invitation]:
    """Those that hold, the newest first, with who invited."""
    query = Invitation.select(Invitation, Moderator).join(Moderator).order_by(Invitation.id.desc())
    return [one for one in query if access.invited(one.created_at, at=at)]


def find(token: str, *, server_secrets: Secrets, at: datetime) -> Invitation | None:
    """The invitation that this link is for, if it holds."""
    if not any(keys.is_invitation(secret, token) for secret in server_secrets):
        return None
    return _living(Invitation.get_or_none(Invitation.token_sha256 == keys.digest(token)), at=at)


def to(email: str, *, at: datetime) -> Invitation | None:
    """The invitation to this address, if one holds."""
    return _living(Invitation.get_or_none(Invitation.email == accounts.account(email)), at=at)


def revoke(number: int, *, by: int, at: datetime) -> None:
    with database.atomic():
        found = Invitation.get_or_none(Invitation.id == number)
        if found and Invitation.delete().where(Invitation.id == number).execute():
            log.write("revoke invitation", found.email, moderator=by, at=at)


def accept(invitation: Invitation, password: str | None, *, at: datetime) -> Moderator | None:
    """The invited person's account, once. None if it was used or has ended meanwhile. Raises NotAccepted."""
    kept = "" if password is None else people.kept_of(password, invitation.email)
    with database.atomic():
        asked = access.standing(invitation.roles)
        there = {site.id for site in Site.select(Site.id)}
        known = Standing(asked.everywhere, {site: role for site, role in asked.on.items() if site in there})
        if not Invitation.delete().where(Invitation.id == invitation.id).execute():
            return None
        if not roles.may_invite(invitation.invited_by_id):
            return None
        person = people.open_account(invitation.email, kept, known, at=at)
        log.write("accept invitation", person.email, moderator=person.id, at=at)
        roles.tell_sites("change role", person.email, known, by=person.id, at=at)
    return person


def _living(found: Invitation | None, *, at: datetime) -> Invitation | None:
    """None also if whoever invited may not do so any more."""
    lives = found and access.invited(found.created_at, at=at) and roles.may_invite(found.invited_by_id)
    return found if lives else None
