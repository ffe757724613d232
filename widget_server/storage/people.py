"""The people at the desk: their accounts and passwords."""

from datetime import datetime

from peewee import ModelSelect

from widget_server.rules import passwords
from widget_server.rules.access import OWNER_OF_ALL, Standing
from widget_server.rules.accounts import LONGEST_ADDRESS, account, is_named_in
from widget_server.storage import hashing, log, roles, sites, ways_in, webhooks
from widget_server.storage.roles import NotAccepted
from widget_server.storage.tables import (
    Exposure,
    Membership,
    Moderator,
    RecoveryCode,
    SavedFilter,
    SignIn,
    database,
)

PAGE = 100


def add(email: str, password: str, *, standing: Standing = OWNER_OF_ALL, at: datetime) -> Moderator:
    """A new account; an owner of all sites, if nothing else is said. Raises NotAccepted."""
    kept = kept_of(password, email)
    with database.atomic():
        person = open_account(email, kept, standing, at=at)
        log.write("add moderator", person.email, moderator=None, at=at)
        roles.tell_sites("change role", person.email, standing, by=None, at=at)
    return person


def open_account(email: str, kept: str, standing: Standing, *, at: datetime) -> Moderator:
    """An account, or one that was removed again. `kept`: of its password; empty for who signs in elsewhere.

    Raises NotAccepted.
    """
    query = Moderator.select().where(Moderator.email == account(email))
    known = (query.for_update() if database.for_update else query).first()
    address_for(email)
    person = known or Moderator(email=account(email), created_at=at)
    person.password_hash, person.removed_at = kept, None
    person.save(force_insert=known is None)
    SignIn.delete().where(SignIn.moderator == person).execute()
    roles.give(person, standing)
    return person


def address_for(email: str) -> str:
    """The name of the account that this address may get. Raises NotAccepted if it is no address, or has one."""
    address = account(email)
    name, _, domain = address.partition("@")
    if not address.isprintable():  # what cannot be seen could pass one name off as another, or command a terminal
        raise NotAccepted("An e-mail address holds only what can be seen: no control signs, none that turn the text.")
    if not name or not domain or len(address) > LONGEST_ADDRESS or " " in address:
        raise NotAccepted(f"“{email[:LONGEST_ADDRESS]}” is not an e-mail address.")
    if find(email):
        raise NotAccepted(f"{address} is a moderator already; `moderator password` gives a new password.")
    return address


def remove(person: Moderator, *, by: int, at: datetime) -> int:
    """Nobody comes in by this account any more. What it did keeps its name. How many webhooks are paused with it.

    Raises NotAccepted for the last owner.
    """
    with database.atomic():
        roles.lock(person)
        before = roles.of([person])[person.id]
        roles.end_invitations(person, by=by, at=at)
        paused = webhooks.leave(person, but=[], by=by, at=at)
        roles.change(person, Standing(), by=None, at=at)
        gone = {"password_hash": "", "wishes": None, "totp_secret": None, "totp_step": None, "oidc_subject": None}
        Moderator.update(removed_at=at, **gone).where(Moderator.id == person.id).execute()
        for table in (SignIn, SavedFilter, Exposure, RecoveryCode):
            table.delete().where(table.moderator == person).execute()
        log.write("remove person", person.email, moderator=by, at=at)
        roles.tell_sites("change role", person.email, roles.NOTHING, before=before, by=by, at=at)
    return paused


def bind(person: Moderator, subject: str, *, at: datetime) -> bool:
    """Whether this is who they are elsewhere. At their first sign-in there it is remembered, and holds from then on."""
    if person.oidc_subject is None:
        with database.atomic():
            free = (Moderator.id == person.id) & Moderator.oidc_subject.is_null() & Moderator.removed_at.is_null()
            if not known_elsewhere(subject) and Moderator.update(oidc_subject=subject).where(free).execute():
                person.oidc_subject = subject
                log.write("bind sign-in elsewhere", person.email, moderator=person.id, at=at)
                return True
        return False
    return person.oidc_subject == subject


def known_elsewhere(subject: str) -> bool:
    """Whether an account is bound to this person of the provider."""
    return Moderator.select().where(Moderator.oidc_subject == subject).exists()


def unbind(person: Moderator, *, by: int, at: datetime) -> None:
    """Who they are elsewhere is forgotten: their next sign-in there is their first."""
    with database.atomic():
        Moderator.update(oidc_subject=None).where(Moderator.id == person.id).execute()
        log.write("unbind sign-in elsewhere", person.email, moderator=by, at=at)


def get(number: int) -> Moderator | None:
    """The account with this number, unless it was removed."""
    return Moderator.get_or_none(Moderator.id == number, Moderator.removed_at.is_null())


def named(email: str) -> Moderator:
    """The account with this address. Raises NotAccepted."""
    person = find(email)
    if not person:
        raise NotAccepted(f"There is no moderator {account(email)}; `moderator add` makes one.")
    return person


def set_password(
    person: Moderator, password: str, *, but: SignIn | None = None, by: int | None = None, at: datetime
) -> None:
    """A new password; every session of the account ends, `but` the one in which its owner chooses it.

    `person`: as read before that owner showed the old one. `by`: who sets it; None: the operator. Raises NotAccepted,
    and ways_in.Changed.
    """
    kept = kept_of(password, person.email)
    others = SignIn.moderator == person
    if but is not None:
        others &= SignIn.token_sha256 != but.token_sha256
    with database.atomic():
        if but is not None:
            ways_in.hold(person, but)
        there = (Moderator.id == person.id) & Moderator.removed_at.is_null()
        if not Moderator.update(password_hash=kept).where(there).execute():
            raise NotAccepted(f"{person.email} was removed meanwhile.")
        SignIn.delete().where(others).execute()
        log.write("set password", person.email, moderator=by, at=at)


def find(email: str) -> Moderator | None:
    """The account with this address, unless it was removed."""
    return Moderator.get_or_none(Moderator.email == account(email), Moderator.removed_at.is_null())


def named_in(name: str) -> list[str]:
    """The addresses of those at the desk who are meant by this name."""
    there = Moderator.select(Moderator.email).where(Moderator.removed_at.is_null())
    return [email for (email,) in there.tuples() if is_named_in(email, name)]


def was_removed(email: str) -> bool:
    """Whether this was the address of somebody at the desk, who has been removed."""
    return Moderator.select().where(Moderator.email == account(email), Moderator.removed_at.is_null(False)).exists()


def every() -> list[Moderator]:
    return list(_all(None))


def page(*, of_sites: list[int] | None = None, after: str = "") -> list[Moderator]:
    """Up to PAGE + 1 people by their addresses, or of those who are something on one of these sites."""
    return list(_all(of_sites).where(Moderator.email > after).limit(PAGE + 1))


def _all(of_sites: list[int] | None) -> ModelSelect:
    query = Moderator.select().where(Moderator.removed_at.is_null()).order_by(Moderator.email)
    if of_sites is None:
        return query
    there = Membership.site.is_null() | Membership.site.in_(of_sites)
    return query.where(Moderator.id.in_(Membership.select(Membership.moderator).where(there)))


def checked(email: str, password: str) -> Moderator | None:
    """Whose password this is, if it is right. An unknown account takes as long as a wrong password."""
    person = find(email)
    return person if verified(person, password) else None


def verified(person: Moderator | None, password: str) -> bool:
    """Whether this is somebody's password."""
    return hashing.is_right(password, person.password_hash if person else "")


def kept_of(password: str, email: str) -> str:
    """What is stored of a new password; before a transaction, not in it, for it takes its time.

    Refused is what is guessed soon by who knows this address and our sites. Raises NotAccepted.
    """
    about = [email, *(text for site in sites.every() for text in (site.name, *site.origins))]
    if why := passwords.refusal(password, about=about):
        raise NotAccepted(why)
    return hashing.kept(password)
