"""Use cases of tiers: the night's reviews and warnings, tiers given by hand, where a member stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from loyalty.kernel import audit
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import occasions, operations, qualifying
from members.activity.operations.tiers import GIVEN
from members.profiles import queries as profiles
from members.profiles.models import Member, MemberTier
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms, TierTerms


class UnknownTier(Refusal):
    """The program has no such scheme, or the scheme no such tier."""

    code = "tiers.unknown"


class NotHigher(Refusal):
    """The member has this tier or a higher one."""

    code = "tiers.not_higher"
    status = 409


class EndsInThePast(Refusal):
    """The day on which the tier would end has passed."""

    code = "tiers.ends_in_the_past"


class NotGiven(Refusal):
    """The present tier was earned, not given."""

    code = "tiers.not_given"
    status = 409


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands in one scheme.

    :param value: what counts now, in the unit of the scheme's measure.
    :param valid_until: the first day on which the tier is no longer valid; None for the lowest and for ever.
    :param kept_value: what counts so far toward keeping the tier; ``missing_to_keep`` is what is still needed for it.
    """

    scheme: SchemeTerms
    tier: TierTerms
    since: datetime | None
    valid_until: date | None
    cause: str
    value: int
    next_tier: TierTerms | None
    kept_value: int

    @property
    def is_given(self) -> bool:
        """Given by hand or by a promotion."""
        return self.cause in GIVEN

    @property
    def missing(self) -> int:
        """What is still needed for the next tier; 0 at the top."""
        return max(0, self.next_tier.threshold - self.value) if self.next_tier else 0

    @property
    def missing_to_keep(self) -> int:
        """What is still needed to keep the tier at its review; 0 when it is safe or was given."""
        return max(0, self.tier.kept_with - self.kept_value) if self.valid_until and not self.is_given else 0


def standings(member: Member, *, at: datetime) -> list[Standing]:
    """Where a member of the program in scope stands in each scheme, by the schemes in force."""
    frozen = snapshots.present()
    present = {row.scheme_id: row for row in MemberTier.objects.filter(member=member, ended_at__isnull=True)}
    account_id = profiles.primary_account(member.pk)
    return [_standing(member, account_id, scheme, present.get(scheme.id), frozen, at) for scheme in frozen.schemes]


def _standing(
    member: Member, account_id: int, scheme: SchemeTerms, row: MemberTier | None, frozen: FrozenProgram, at: datetime
) -> Standing:
    today = arithmetic.local_day(at, frozen.zone)
    enrolled = arithmetic.local_day(member.enrolled_at, frozen.zone)
    now_from = arithmetic.window_start(today, scheme, enrolled)
    until = row.valid_until if row else None
    kept_from = arithmetic.review_window(until, scheme, enrolled) if until else now_from
    days = qualifying.by_day(scheme, frozen, {member.pk: account_id}, min(now_from, kept_from)).get(member.pk, {})
    tier = scheme.by_id(row.tier_id) if row else scheme.tiers[0]
    return Standing(
        scheme=scheme,
        tier=tier,
        since=row.since_at if row else None,
        valid_until=until,
        cause=row.cause if row else "",
        value=sum(amount for day, amount in days.items() if day >= now_from),
        next_tier=next((one for one in scheme.tiers if one.rank > tier.rank), None),
        kept_value=sum(amount for day, amount in days.items() if day >= kept_from),
    )


def review_tiers(*, at: datetime, members: Collection[int] | None = None) -> int:
    """Review the tiers whose time is over: kept with enough, else lowered as the scheme says; how many were reviewed.

    With ``members`` only theirs: reviews of different members run side by side. Safe to run twice and to run late.
    """
    frozen = snapshots.present()
    due = _ending(arithmetic.local_day(at, frozen.zone), members)
    reviewed = 0
    for row_id, member_id in due.values_list("pk", "member_id"):
        with unit_of_work():
            reviewed += operations.review_tier(row_id, frozen, at=at)
            occasions.after_tiers([member_id])
    return reviewed


def warn_tiers(*, at: datetime) -> int:
    """Announce the tiers that will be lost within their scheme's days of warning; how many, each once a validity."""
    frozen = snapshots.present()
    today = arithmetic.local_day(at, frozen.zone)
    warned = 0
    for scheme in frozen.schemes:
        if not scheme.warn_days:
            continue
        due = _ending(today + timedelta(days=scheme.warn_days), None).filter(scheme_id=scheme.id, warned_at=None)
        for row_id in due.values_list("pk", flat=True):
            with unit_of_work():
                warned += operations.warn_of_tier(row_id, frozen, at=at)
    return warned


def _ending(day: date, members: Collection[int] | None) -> QuerySet[MemberTier]:
    rows = MemberTier.objects.filter(ended_at__isnull=True, valid_until__lte=day).order_by("pk")
    return rows if members is None else rows.filter(member_id__any=members)


def grant_tier(
    *, member_id: int, scheme: str, tier: str, until: date | None, note: str, at: datetime, preview: bool = False
) -> MemberTier:
    """Give a member a higher tier by hand, until the end of the day before ``until`` or for ever.

    At its end the member has what was earned by then.

    :raises UnknownTier: no such scheme or tier.
    :raises NotHigher: the member has it or more.
    :raises EndsInThePast: ``until`` is today or before.
    """
    with unit_of_work(preview=preview):
        frozen = snapshots.present()
        terms, wanted = _tier_of(frozen, scheme, tier)
        if until is not None and until <= arithmetic.local_day(at, frozen.zone):
            raise EndsInThePast(until=until.isoformat())
        member = _locked(member_id)
        given = operations.give_tier(member, terms, wanted, at=at, valid_until=until, cause="manual", note=note)
        if given is None:
            raise NotHigher(tier=tier)
        occasions.after_tiers([member.pk])
        audit.record("tier.granted", member, changes={scheme: (None, tier)}, reason=note)
    return given


def withdraw_tier(*, member_id: int, scheme: str, note: str, at: datetime, preview: bool = False) -> MemberTier:
    """End a tier that was given by hand or by a promotion: the member has what was earned.

    :raises UnknownTier: no such scheme.
    :raises NotGiven: the present tier was earned.
    """
    with unit_of_work(preview=preview):
        frozen = snapshots.present()
        terms = next((one for one in frozen.schemes if one.code == scheme), None)
        if terms is None:
            raise UnknownTier(scheme=scheme, tier="")
        member = _locked(member_id)
        ended = operations.withdraw_given_tier(member, terms, frozen, at=at)
        if ended is None:
            raise NotGiven()
        occasions.after_tiers([member.pk])
        audit.record("tier.withdrawn", member, changes={scheme: (terms.by_id(ended.tier_id).code, None)}, reason=note)
    return ended


def _tier_of(frozen: FrozenProgram, scheme: str, tier: str) -> tuple[SchemeTerms, TierTerms]:
    terms = next((one for one in frozen.schemes if one.code == scheme), None)
    wanted = terms.by_code(tier) if terms else None
    if terms is None or wanted is None:
        raise UnknownTier(scheme=scheme, tier=tier)
    return terms, wanted


def _locked(member_id: int) -> Member:
    member = Member.objects.select_for_update(no_key=True).filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    return member
