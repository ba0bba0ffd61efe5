"""Where a member stands in each tier scheme, in words and figures of the page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import ngettext

from loyalty.kernel.pages import figures
from members.activity import tiering
from members.profiles.models import Member
from programs.setup.models import Program
from programs.tiers.models import Measure, Tier, TierScheme


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One scheme: the tier now, the way to the next one, and until when it is kept."""

    scheme: TierScheme
    tier: Tier
    next_tier: Tier | None
    facts: tiering.Standing
    currency: str

    @property
    def value(self) -> str:
        """What counts now."""
        return self._figure(self.facts.value)

    @property
    def threshold(self) -> str:
        """From where the next tier begins."""
        return self._figure(self.next_tier.threshold) if self.next_tier else ""

    @property
    def missing(self) -> str:
        """What is still needed for the next tier."""
        return self._figure(self.facts.missing)

    @property
    def missing_to_keep(self) -> str:
        """What is still needed to keep the tier; empty when it is safe or was given."""
        return self._figure(self.facts.missing_to_keep) if self.facts.missing_to_keep else ""

    @property
    def kept_until(self) -> date | None:
        """The last day of the tier, grace apart."""
        return self.facts.valid_until - timedelta(days=1) if self.facts.valid_until else None

    @property
    def is_given(self) -> bool:
        """Given by hand or by a promotion."""
        return self.facts.is_given

    def _figure(self, value: int) -> str:
        if self.scheme.measure == Measure.POINTS:
            assert self.scheme.point_type is not None, "a scheme of points names their type"
            return figures.points_of(value, self.scheme.point_type)
        if self.scheme.measure == Measure.AMOUNT:
            return figures.money(value, self.currency)
        return ngettext("%(n)s purchase", "%(n)s purchases", value) % {"n": figures.count(value)}


def standings(member: Member, program: Program, at: datetime) -> list[StandingRow]:
    """The member's tier in each scheme and what counts toward the next, by the schemes in force."""
    schemes = TierScheme.objects.select_related("point_type").prefetch_related("tiers").in_bulk()
    found = []
    for facts in tiering.standings(member, at=at):
        scheme = schemes[facts.scheme.id]
        tiers = {tier.pk: tier for tier in scheme.tiers.all()}
        next_tier = tiers.get(facts.next_tier.id) if facts.next_tier else None
        found.append(StandingRow(scheme, tiers[facts.tier.id], next_tier, facts, program.currency))
    return found
