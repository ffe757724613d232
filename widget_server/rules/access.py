"""Who may do what at the desk: a role for all sites or one for each, and what every verb needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

INVITED_FOR = timedelta(days=7)
"""How long an invitation holds."""
CONFIRMED_FOR = timedelta(minutes=15)
"""How long after a password, a code or a proof at the provider somebody is taken for themselves."""


class Role(StrEnum):
    """What somebody is on a site. Each may do what the one before it may, and more."""

    AUDITOR = "auditor"
    MODERATOR = "moderator"
    OWNER = "owner"


class Where(StrEnum):
    """Where the role must hold: on a site that the verb touches, on all of them, or nowhere."""

    SITES = "sites"
    ALL_SITES = "all sites"
    ONESELF = "oneself"
    OPEN = "open"


RANK = tuple(Role)


@dataclass(frozen=True, slots=True)
class Verb:
    """What an endpoint of the desk needs. `confirmed`: who does it has just shown again that it is they.

    `from_here`: it leaves something behind though it is a GET, so no other website may have a browser ask for it.
    """

    least: Role = Role.AUDITOR
    where: Where = Where.SITES
    confirmed: bool = False
    from_here: bool = False


OPEN = Verb(where=Where.OPEN)
OPEN_FROM_HERE = Verb(where=Where.OPEN, from_here=True)
ONESELF = Verb(where=Where.ONESELF)
ONESELF_CONFIRMED = Verb(where=Where.ONESELF, confirmed=True)
READ = Verb(Role.AUDITOR)
TAKE = Verb(Role.AUDITOR, from_here=True)
DECIDE = Verb(Role.MODERATOR)
OWN = Verb(Role.OWNER)
OWN_CONFIRMED = Verb(Role.OWNER, confirmed=True)
OWN_ALL = Verb(Role.OWNER, Where.ALL_SITES)
OWN_ALL_CONFIRMED = Verb(Role.OWNER, Where.ALL_SITES, confirmed=True)

VERBS: dict[str, Verb] = {
    "sign_in": OPEN,
    "show_code": OPEN,
    "sign_in_elsewhere": OPEN_FROM_HERE,
    "come_back": OPEN,
    "sign_out": ONESELF,
    "confirm": ONESELF,
    "show_account": ONESELF,
    "change_password": ONESELF,
    "end_sessions": ONESELF,
    "show_second": ONESELF_CONFIRMED,
    "set_up_second": ONESELF_CONFIRMED,
    "renew_codes": ONESELF_CONFIRMED,
    "drop_second": ONESELF_CONFIRMED,
    "show_wishes": ONESELF,
    "keep_wishes": ONESELF,
    "keep_filter": ONESELF,
    "forget_filter": ONESELF,
    "home": READ,
    "list_cases": READ,
    "show_case": READ,
    "show_statement": READ,
    "list_reports": READ,
    "show_address": DECIDE,
    "show_comparison": READ,
    "compare": DECIDE,
    "take_next": DECIDE,
    "claim": DECIDE,
    "take_over": OWN,
    "release": DECIDE,
    "leave_to_others": DECIDE,
    "decide": DECIDE,
    "undo": DECIDE,
    "set_burst_aside": DECIDE,
    "bring_burst_back": DECIDE,
    "write_note": DECIDE,
    "split": DECIDE,
    "merge": DECIDE,
    "show_many": DECIDE,
    "decide_many": DECIDE,
    "show_batch": READ,
    "undo_many": DECIDE,
    "show_other_sites": DECIDE,
    "withdraw_on_others": DECIDE,
    "show_others_of_batch": DECIDE,
    "withdraw_batch_on_others": DECIDE,
    "list_publications": READ,
    "show_publication": READ,
    "review_publication": DECIDE,
    "amend_publication": DECIDE,
    "take_publication_back": DECIDE,
    "show_viewers": READ,
    "show_compliance": READ,
    "show_assessment": READ,
    "export_assessment": TAKE,
    "list_sites": READ,
    "show_policy": READ,
    "keep_policy": OWN,
    "show_purpose": READ,
    "show_declaration": READ,
    "sign_purpose": OWN,
    "show_words": READ,
    "keep_words": OWN,
    "list_reasons": READ,
    "add_reason": OWN_ALL,
    "change_reason": OWN_ALL,
    "list_prompts": READ,
    "show_prompt": READ,
    "list_webhooks": OWN,
    "add_webhook": OWN,
    "show_webhook": OWN,
    "try_webhook": OWN,
    "change_webhook": OWN,
    "remove_webhook": OWN_CONFIRMED,
    "send_again": OWN,
    "list_deliveries": READ,
    "send_mail_again": DECIDE,
    "show_exports": READ,
    "export": TAKE,
    "show_figures": READ,
    "download_figures": TAKE,
    "show_clocks": READ,
    "keep_clocks": OWN_ALL,
    "list_people": READ,
    "show_person": OWN_ALL,
    "invite": OWN_ALL_CONFIRMED,
    "revoke_invitation": OWN_ALL,
    "change_roles": OWN_ALL_CONFIRMED,
    "remove_person": OWN_ALL_CONFIRMED,
    "end_sessions_of": OWN_ALL,
    "reset_second": OWN_ALL_CONFIRMED,
    "forget_elsewhere": OWN_ALL_CONFIRMED,
    "require_second": OWN_ALL_CONFIRMED,
    "show_invitation": OPEN,
    "accept_invitation": OPEN,
    "show_log": READ,
}
"""Every endpoint of the desk. One that is missing here is refused to everybody."""


def may(role: Role | None, verb: Verb) -> bool:
    """Whether a role (None: none) is enough for a verb, where it holds."""
    return role is not None and RANK.index(role) >= RANK.index(verb.least)


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is: on all sites, those to come as well, or on some."""

    everywhere: Role | None = None
    on: Mapping[int, Role] = field(default_factory=dict)

    def may(self, verb: Verb, site: int | None = None) -> bool:
        """Whether they may do it: on this site, or (None) on any at all."""
        if verb.where in (Where.ONESELF, Where.OPEN) or may(self.everywhere, verb):
            return True
        if verb.where is Where.ALL_SITES:
            return False
        return any(may(role, verb) for known, role in self.on.items() if site in (None, known))

    def on_site(self, site: int) -> Role | None:
        """What they are on this site, by the greater of their roles."""
        return max((role for role in (self.everywhere, self.on.get(site)) if role), key=RANK.index, default=None)

    def as_json(self) -> dict[str, str]:
        everywhere = {"": str(self.everywhere)} if self.everywhere else {}
        return everywhere | {str(site): str(role) for site, role in self.on.items()}

    def in_words(self, names: Mapping[int, str]) -> list[str]:
        """One phrase for each role: “moderator of News”. Sites without a name are left out."""
        everywhere = [f"{self.everywhere} of all sites"] if self.everywhere else []
        return everywhere + [f"{role} of {names[site]}" for site, role in sorted(self.on.items()) if site in names]

    def plain(self) -> "Standing":
        """The same, without roles on a site that the role on all sites makes needless."""
        above = -1 if self.everywhere is None else RANK.index(self.everywhere)
        return Standing(self.everywhere, {site: role for site, role in self.on.items() if RANK.index(role) > above})

    def sites(self, verb: Verb) -> list[int] | None:
        """The sites on which they may do it; None: all."""
        if may(self.everywhere, verb):
            return None
        return sorted(site for site, role in self.on.items() if may(role, verb))


OWNER_OF_ALL = Standing(Role.OWNER)


def standing(kept: Mapping[str, str]) -> Standing:
    """What `Standing.as_json` gave."""
    roles = {site: Role(role) for site, role in kept.items()}
    return Standing(roles.pop("", None), {int(site): role for site, role in roles.items()})


def invited(when: datetime, *, at: datetime) -> bool:
    """Whether an invitation of `when` still holds."""
    return at - when <= INVITED_FOR


def confirmed(when: datetime, *, at: datetime) -> bool:
    """Whether somebody who has shown at `when` that it is they need not show it again."""
    return at - when <= CONFIRMED_FOR
