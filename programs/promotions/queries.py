"""Reads of promotions, within the program in scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from loyalty.kernel import registries
from loyalty.kernel.errors import NotFound
from programs.promotions import sentence
from programs.promotions.design.attributes import EVENT, ORDERED, Offered, declared
from programs.promotions.design.fields import Option
from programs.promotions.models import Promotion, PromotionState, PromotionVersion, Standing, VersionState
from programs.promotions.sentence.subjects import BALANCE, CONSENT
from programs.rules import validate
from programs.setup.models import EventKind, PointType, Program
from programs.tiers.models import Tier


def rule_names() -> Mapping[str, str]:
    """Names of promotions and of tier benefits by the code of their rule, in the active language."""
    found = {row.code: str(row.name) for row in Promotion.objects.all()}
    for tier in Tier.objects.select_related("scheme"):
        found[f"TIER:{tier.scheme.code}:{tier.code}"] = _("Benefit of the tier %(tier)s") % {"tier": tier.name}
    return found


def standing(promotion: Promotion, versions: Sequence[PromotionVersion], at: datetime, zone: ZoneInfo) -> Standing:
    """Where a promotion stands at ``at``: what is in force or will be, else what is being worked on.

    :param versions: all versions of it.
    """
    published = [one for one in versions if one.effective is not None]
    in_force = next((one for one in published if _contains(one, at)), None)
    coming = next((one for one in published if one.effective.lower is not None and one.effective.lower > at), None)
    if in_force is not None:
        starts_at, ends_at = in_force.starts_at(zone), in_force.ends_at(zone)
        if ends_at is not None and ends_at <= at and coming is None:
            return Standing.ENDED
        return Standing.SCHEDULED if starts_at is not None and starts_at > at else Standing.LIVE
    if coming is not None:
        return Standing.SCHEDULED
    if published:
        return Standing.PAUSED if promotion.state == PromotionState.PAUSED else Standing.ENDED
    newest = max(versions, key=lambda one: one.number, default=None)
    worked_on = {VersionState.REVIEW: Standing.REVIEW, VersionState.APPROVED: Standing.APPROVED}
    return worked_on.get(VersionState(newest.state), Standing.DRAFT) if newest else Standing.DRAFT


def _contains(version: PromotionVersion, at: datetime) -> bool:
    lower, upper = version.effective.lower, version.effective.upper
    return (lower is None or lower <= at) and (upper is None or at < upper)


def promotion_of(code: str) -> Promotion:
    """A promotion by its code.

    :raises NotFound: there is none here.
    """
    found: Promotion | None = Promotion.objects.filter(code=code).first()
    if found is None:
        raise NotFound()
    return found


def listed_versions(promotion: Promotion) -> list[PromotionVersion]:
    """The versions of a promotion that were not put aside, the newest first."""
    rows = promotion.versions.exclude(state=VersionState.DISCARDED)
    return list(rows.select_related("published_by", "edited_by").order_by("-number"))


def newest_version(promotion: Promotion) -> PromotionVersion | None:
    """The newest version that was not put aside."""
    return next(iter(listed_versions(promotion)), None)


def is_listed(promotion: Promotion) -> bool:
    """Whether the promotion is still in the list."""
    return bool(Promotion.objects.filter(pk=promotion.pk, archived_at__isnull=True).exists())


def first_point_type() -> str:
    """The code of the program's first point type."""
    return str(PointType.objects.order_by("position", "id").values_list("code", flat=True).first() or "")


def point_type_options() -> list[Option]:
    """The point types to choose from."""
    rows = PointType.objects.filter(archived_at__isnull=True).order_by("position", "id")
    return [Option(row.code, str(row.name)) for row in rows]


def group_options(program: Program) -> list[Option]:
    """The program's groups of promotions to choose from."""
    return [Option(code, code) for code in sorted(program.groups)]


def event_options() -> list[Option]:
    """The events that the program declares, to start promotions by."""
    return [
        Option(one.code, str(one.name)) for one in EventKind.objects.filter(archived_at__isnull=True).order_by("code")
    ]


def partner_options() -> list[Option]:
    """The partners that may pay for a promotion."""
    return [Option(code, name) for code, name in registries.funding().all_names().items()]


def own_attributes() -> list[Offered]:
    """What the program's members have beside what every member has: balances, consents, declared properties."""
    balances = [
        declared(
            f"{BALANCE}{one.value}", "number", _("balance of “%(name)s”") % {"name": one.label}, comparisons=ORDERED
        )
        for one in point_type_options()
    ]
    others = [
        declared(one.path, one.type, _attribute_label(one), comparisons=one.operators)
        for one in registries.member_attributes()
    ]
    return [one for one in (*balances, *others) if one is not None]


def _attribute_label(attribute: registries.Attribute) -> str:
    if attribute.path.startswith(CONSENT):
        return _("consent “%(name)s”") % {"name": attribute.label}
    return str(attribute.label)


def event_attributes() -> dict[str, list[Offered]]:
    """What comes with each event that the program declares, by the event's code."""
    found = {}
    for kind in EventKind.objects.filter(archived_at__isnull=True):
        offered = [declared(f"event.{one['name']}", one["type"], one["name"], group=EVENT) for one in kind.attributes]
        found[str(kind.code)] = [one for one in offered if one is not None]
    return found


def languages() -> Sequence[tuple[str, str]]:
    """The languages in which a promotion is said."""
    return list(settings.LANGUAGES)


def said_all(documents: Sequence[Mapping[str, Any]]) -> list[sentence.Phrases]:
    """Documents as sentences, their names read once; nothing for one that is not valid yet."""
    names = sentence.names_for(documents)
    return [() if validate({"id": "A", **one}) else sentence.sentence(one, names) for one in documents]


def said(document: Mapping[str, Any]) -> sentence.Phrases:
    """A document as a sentence in the active language; nothing while it is not valid."""
    return said_all([document])[0]
