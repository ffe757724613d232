"""The registry of sites' prompt templates: each text a version, and one of them in use."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from peewee import ModelSelect, fn

from widget_server.rules.exemptions import Exemption
from widget_server.rules.prompts import REQUIRED_CHARACTERS, PromptCheck
from widget_server.rules.registry import Reference
from widget_server.storage import log
from widget_server.storage.tables import LogEntry, PromptTemplate, Site, database

PAGE = 100
REGISTER = "register prompt"
_ABOUT = [column for column in PromptTemplate._meta.sorted_fields if column is not PromptTemplate.template]  # noqa: SLF001
"""A template may be long, and longer still where it is read: lists do without."""
ENTRY_BYTES = 1_000
"""What the log takes for a version that is put into use again."""


def register(
    site: Site,
    *,
    name: str,
    template: Any,
    syntax: str,
    check: PromptCheck,
    exemption: Exemption | None,
    reason: str,
    storing: Callable[[int], None],
    at: datetime,
) -> tuple[PromptTemplate, bool]:
    """Put this text into use under its name. Returns its version, and whether it is a new one.

    A text that was registered before is the version that it was; what is said of a custom model is then as said now.
    `storing`: told how many bytes are kept for it; raises what refuses them.
    """
    stated = {
        "custom_model": exemption and exemption.model,
        "custom_since": exemption and exemption.since.isoformat(),
        "custom_reason": reason if exemption else "",
    }
    written = json.dumps([syntax, template], sort_keys=True).encode()
    sha256 = hashlib.sha256(written).hexdigest()
    with database.atomic():
        _lock(site)
        known = PromptTemplate.get_or_none(_named(site, name) & (PromptTemplate.sha256 == sha256))
        if known is None:
            storing(len(written))
        row = known or PromptTemplate.create(
            site=site,
            name=name,
            version=1 + newest(site, name),
            template=template,
            sha256=sha256,
            syntax=syntax,
            variables=list(check.variables),
            fixed_characters=check.fixed_characters,
            fixed_words=check.fixed_words,
            always_characters=check.always_characters,
            created_at=at,
            **stated,
        )
        changed = bool(known) and (row.retired_at is not None or any(getattr(row, k) != v for k, v in stated.items()))
        PromptTemplate.update(retired_at=at).where(
            _named(site, name), PromptTemplate.id != row.id, PromptTemplate.retired_at.is_null()
        ).execute()
        if changed:
            storing(ENTRY_BYTES)
            PromptTemplate.update(retired_at=None, **stated).where(PromptTemplate.id == row.id).execute()
        if changed or not known:
            log.write(
                REGISTER,
                f"site {site.key}",
                moderator=None,
                at=at,
                site=site.id,
                prompt=f"{name}@{row.version}",
            )
    return PromptTemplate.get_by_id(row.id), not known


def find(site: Site | int, reference: Reference) -> PromptTemplate | None:
    """The version that is meant: that which is in use, if none is said; if none is in use, the newest."""
    query = PromptTemplate.select().where(_named(site, reference.name))
    if reference.version is not None:
        return query.where(PromptTemplate.version == reference.version).first()
    return query.order_by(PromptTemplate.retired_at.is_null().desc(), PromptTemplate.version.desc()).first()


def versions(site: Site, name: str, *, before: int | None = None) -> list[PromptTemplate]:
    """Up to PAGE + 1 versions of a prompt, the newest first, or those before this one; without their templates."""
    query = PromptTemplate.select(*_ABOUT).where(_named(site, name)).order_by(PromptTemplate.version.desc())
    return list((query.where(PromptTemplate.version < before) if before else query).limit(PAGE + 1))


def newest(site: Site, name: str) -> int:
    """How many versions a prompt has, which is the number of the last; 0: there is no such prompt."""
    return PromptTemplate.select(fn.MAX(PromptTemplate.version)).where(_named(site, name)).scalar() or 0


def page(site: Site, *, after: str = "") -> list[PromptTemplate]:
    """Up to PAGE + 1 prompts that are in use, by name; without their templates."""
    query = in_use(site).where(PromptTemplate.name > after) if after else in_use(site)
    return list(query.order_by(PromptTemplate.name).limit(PAGE + 1))


def in_use(site: Site) -> ModelSelect:
    return PromptTemplate.select(*_ABOUT).where(PromptTemplate.site == site, PromptTemplate.retired_at.is_null())


def retire(site: Site, name: str, *, at: datetime) -> bool:
    """No version of this prompt is in use any more. False if none was."""
    with database.atomic():
        retired = (
            PromptTemplate.update(retired_at=at)
            .where(_named(site, name), PromptTemplate.retired_at.is_null())
            .execute()
        )
        if retired:
            log.write("retire prompt", f"site {site.key}", moderator=None, at=at, site=site.id, prompt=name)
    return bool(retired)


def evidence(site: Site) -> dict[str, Any]:
    """What the guideline asks about the prompts that are in use (rules/guideline.py)."""
    held = in_use(site).where(PromptTemplate.custom_model.is_null())
    exempt = in_use(site).where(PromptTemplate.custom_model.is_null(False)).order_by(PromptTemplate.name)
    return {
        "prompts": in_use(site).count(),
        "prompts_changed": _registered(site),
        "shortest_prompt": held.select(fn.MIN(PromptTemplate.fixed_characters)).scalar(),
        "unsure_prompts": held.where(PromptTemplate.always_characters < REQUIRED_CHARACTERS).count(),
        "exempt_prompts": {row.name: f"{row.custom_model} since {row.custom_since}" for row in exempt.limit(PAGE)},
    }


def _registered(site: Site) -> datetime | None:
    """When a prompt was last put into use: also a version that had been before, or another word on its model."""
    entries = LogEntry.select(LogEntry.at).where(LogEntry.subject == f"site {site.key}", LogEntry.verb == REGISTER)
    last = entries.order_by(LogEntry.id.desc()).first()
    return last and last.at


def _named(site: Site | int, name: str) -> Any:
    return (PromptTemplate.site == site) & (PromptTemplate.name == name)


def _lock(site: Site) -> None:
    """Two programs that register at once get two versions, one after the other."""
    query = Site.select(Site.id).where(Site.id == site.id)
    (query.for_update() if database.for_update else query).first()
