"""What opens an account, looked at once more by what is done on its strength: seconds may lie in between."""

from widget_server.storage.tables import Moderator, SignIn, database

WAYS = (Moderator.password_hash, Moderator.totp_secret, Moderator.oidc_subject)


class Changed(Exception):
    """What opens the account has changed since it was shown, or the session has ended, or the account was removed."""


def hold(person: Moderator, session: SignIn | None = None) -> None:
    """See that the account opens as it did when it was read, and that this session of it has not ended.

    In a transaction, before anything else of the account is locked: who changes this waits for its end. Raises Changed.
    """
    same = [way == getattr(person, way.name) for way in WAYS]
    account = Moderator.select(Moderator.id).where(Moderator.id == person.id, Moderator.removed_at.is_null(), *same)
    if not list(account.for_update("FOR NO KEY UPDATE") if database.for_update else account):
        raise Changed
    mine = session and SignIn.select().where(SignIn.token_sha256 == session.token_sha256)
    if mine is not None and not mine.exists():
        raise Changed
