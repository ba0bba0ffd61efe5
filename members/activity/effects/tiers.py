"""Tiers that a promotion grants until a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from loyalty.kernel.registries import Issue, Undo
from members.activity.operations.given_tiers import begin_granted_tier, end_granted_tier
from members.profiles.models import Member
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import life
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms
from programs.tiers.models import Tier, TierScheme


class TierEffect:
    """Raises the member who bought; who stands higher stays there, who stands there keeps it longer."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Grant the tiers, one after the other."""
        frozen = snapshots.present()
        return [self._grant(one, frozen) for one in wanted]

    def _grant(self, one: Issue, frozen: FrozenProgram) -> Mapping[str, Any]:
        scheme = _scheme(one.effect, frozen)
        tier = next(tier for tier in scheme.tiers if tier.code == one.effect["tier"])
        granted = begin_granted_tier(
            one.member_id, one.account_id, scheme, tier, at=one.at, valid_until=_last(one, scheme, frozen)
        )
        return {"scheme": scheme.code, "tier": tier.code, **granted}

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Back to the tier of before, or the one that the points of the account earn."""
        frozen = snapshots.present()
        for one in undone:
            scheme = next((scheme for scheme in frozen.schemes if scheme.code == one.issued["scheme"]), None)
            if scheme is not None:
                end_granted_tier(one.issued, one.account_id, scheme, frozen, at=one.at)

    def problems(self, effect: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
        """Scheme and tier are the program's."""
        schemes = TierScheme.objects.filter(archived_at__isnull=True).order_by("code")
        found = schemes.filter(code=effect["scheme"]).first() if "scheme" in effect else schemes.first()
        if found is None:
            field = "scheme" if "scheme" in effect else "tier"
            yield field, "unknown_scheme", {}
        elif not Tier.objects.filter(scheme=found, code=effect["tier"]).exists():
            yield "tier", "unknown_tier", {"tier": effect["tier"]}

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The tiers of the first scheme, which is the one meant where an effect names none."""
        scheme = TierScheme.objects.filter(archived_at__isnull=True).order_by("code").first()
        rows = Tier.objects.filter(scheme=scheme).order_by("rank") if scheme else ()
        return [(row.code, str(row.name)) for row in rows]


def _scheme(effect: Mapping[str, Any], frozen: FrozenProgram) -> SchemeTerms:
    wanted = effect.get("scheme")
    return next(scheme for scheme in frozen.schemes if wanted in (None, scheme.code))


def _last(one: Issue, scheme: SchemeTerms, frozen: FrozenProgram) -> date | None:
    """The first local day on which the tier is reviewed; nothing for one without an end."""
    valid = one.effect.get("valid")
    if valid is None:
        enrolled = Member.objects.values_list("enrolled_at", flat=True).get(pk=one.member_id)
        day, since = arithmetic.local_day(one.at, frozen.zone), arithmetic.local_day(enrolled, frozen.zone)
        return arithmetic.valid_until(day, scheme, since)
    ends_at: datetime | None = life.ends_at(valid, one.at, frozen.settings.timezone)
    return ends_at.astimezone(frozen.zone).date() if ends_at is not None else None
