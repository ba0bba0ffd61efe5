"""What is known of members before a purchase, read once for a batch and moved along purchase by purchase."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from loyalty.kernel import scope
from members.activity import facts, qualifying
from members.activity.sums import Key
from members.ledger import operations as ledger
from members.ledger.plans import WalletView
from members.profiles.models import MemberStatus
from programs.promotions.snapshots import FrozenProgram
from programs.rules import HistoryPurchase, MemberView
from programs.rules.dates import local
from programs.rules.history import Sums
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms, TierTerms

NO_SEGMENTS: frozenset[str] = frozenset()
# Asked on the way of every purchase, so without models; lists are cut where they end, as in ``sums``.
_MEMBERS = """
    SELECT m.id, a.account_id, m.status, m.attributes, m.enrolled_at, p.birthday
    FROM (SELECT * FROM unnest(%s::bigint[]) AS k(id) LIMIT %s) k
    JOIN members_member m ON m.id = k.id AND m.program_id = %s
    JOIN members_account_member a ON a.member_id = m.id AND a.is_primary
    LEFT JOIN members_personal_data p ON p.member_id = m.id
"""
_TIERS = """
    SELECT t.member_id, t.scheme_id, t.tier_id, t.since_at, t.ended_at, t.id
    FROM (SELECT * FROM unnest(%s::bigint[]) AS k(id) LIMIT %s) k JOIN members_member_tier t ON t.member_id = k.id
    ORDER BY t.member_id, t.since_at
"""


@dataclass(slots=True)
class TierSpan:
    """A tier held for a time; ``row_id`` is empty for one that this batch begins."""

    scheme_id: int
    tier_id: int
    since_at: datetime
    ended_at: datetime | None
    row_id: int | None = None


@dataclass(slots=True)
class MemberState:
    """One member while a batch is judged. ``wallets`` by point type id; ``earned`` by scheme and local day.

    Of earlier purchases ``sums`` is what they come to and ``loaded`` those that were read, from the day ``loaded_from`` on;
    ``recent`` are those of the batch that were judged before.
    """

    member_id: int
    account_id: int
    enrolled_at: datetime
    is_active: bool
    birthday: date | None
    attributes: Mapping[str, object]
    wallets: dict[int, WalletView]
    tiers: list[TierSpan] = field(default_factory=list)
    earned: dict[int, dict[date, int]] = field(default_factory=dict)
    loaded: list[HistoryPurchase] = field(default_factory=list)
    loaded_from: date | None = None
    recent: list[HistoryPurchase] = field(default_factory=list)
    sums: dict[Key, Sums] = field(default_factory=dict)
    purchases_before: int | None = None
    seen_versions: dict[int, int] = field(default_factory=dict)
    segments: Sequence[tuple[str, datetime, datetime | None]] = ()

    def tier_at(self, scheme: SchemeTerms, at: datetime) -> TierTerms:
        """The tier in force at an instant; the lowest where none was ever given."""
        for span in self.tiers:
            if span.scheme_id == scheme.id and span.since_at <= at and (span.ended_at is None or at < span.ended_at):
                return scheme.by_id(span.tier_id)
        return scheme.tiers[0]

    def segments_at(self, at: datetime) -> frozenset[str]:
        """The segments that the member is in at an instant."""
        if not self.segments:
            return NO_SEGMENTS
        return frozenset(code for code, since, until in self.segments if since <= at and (until is None or at < until))

    def present_span(self, scheme: SchemeTerms) -> TierSpan | None:
        """The tier now in force, unless it is the lowest by default."""
        return next((span for span in self.tiers if span.scheme_id == scheme.id and span.ended_at is None), None)

    def in_window(self, scheme: SchemeTerms, last: date, zone: ZoneInfo) -> int:
        """What counts of the scheme's window that ends with the local day ``last``."""
        first = arithmetic.window_start(last, scheme, arithmetic.local_day(self.enrolled_at, zone))
        return sum(amount for day, amount in self.earned.get(scheme.id, {}).items() if first <= day <= last)

    def view(self, frozen: FrozenProgram, at: datetime) -> MemberView:
        """The member as the rules see them at ``at``."""
        tiers = {scheme.code: self.tier_at(scheme, at).code for scheme in frozen.schemes}
        main = frozen.schemes[0] if frozen.schemes else None
        return MemberView(
            id=str(self.member_id),
            tier=tiers[main.code] if main else None,
            tier_ranks=frozen.scheme_ranks[main.code] if main else {},
            segments=self.segments_at(at),
            birthday=self.birthday,
            attributes=self.attributes,
            tiers=tiers,
            scheme_ranks=frozen.scheme_ranks,
        )


def load(member_ids: Iterable[int], frozen: FrozenProgram, *, earliest: datetime) -> dict[int, MemberState]:
    """The state of members before the earliest purchase of a batch, read without locks.

    Members that are not in the program in scope are left out.
    """
    wanted = sorted(set(member_ids))
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [wanted, len(wanted), scope.program_id()])
        members = cursor.fetchall()
    wallets = _wallets(list({account_id for _id, account_id, *_rest in members}), frozen)
    states = {
        member_id: MemberState(
            member_id=member_id,
            account_id=account_id,
            enrolled_at=enrolled_at,
            is_active=status == MemberStatus.ACTIVE,
            birthday=birthday,
            attributes=msgspec.json.decode(attributes),
            wallets={},
        )
        for member_id, account_id, status, attributes, enrolled_at, birthday in members
    }
    _share_wallets(states, wallets)
    _load_tiers(states, frozen, earliest)
    facts.add(states, frozen)
    return states


def _wallets(account_ids: Sequence[int], frozen: FrozenProgram) -> dict[tuple[int, int], WalletView]:
    """The wallets of all point types; who has none of a type yet gets one now, whatever becomes of the purchase."""
    types = [frozen.point_type_id(code) for code in frozen.point_types]
    found = ledger.wallets_of(account_ids)
    missing = [account for account in account_ids if any((account, kind) not in found for kind in types)]
    if missing:
        ledger.open_wallets(missing, types)
        found |= ledger.wallets_of(missing)
    return found


def _share_wallets(states: Mapping[int, MemberState], wallets: Mapping[tuple[int, int], WalletView]) -> None:
    """Members of one account see the same wallets: what one earns, the other's debt repays."""
    by_account: dict[int, dict[int, WalletView]] = {}
    for (account_id, point_type_id), wallet in wallets.items():
        by_account.setdefault(account_id, {})[point_type_id] = wallet
    for state in states.values():
        state.wallets = by_account.get(state.account_id, {})
        state.seen_versions = {wallet.id: wallet.version for wallet in state.wallets.values()}


def _load_tiers(states: Mapping[int, MemberState], frozen: FrozenProgram, earliest: datetime) -> None:
    if not frozen.schemes or not states:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TIERS, [list(states), len(states)])
        for member_id, *span in cursor.fetchall():
            states[member_id].tiers.append(TierSpan(*span))
    first_day = local(earliest, frozen.zone).date()
    accounts = {state.member_id: state.account_id for state in states.values()}
    for scheme in frozen.schemes:
        since = min(
            arithmetic.window_start(first_day, scheme, arithmetic.local_day(state.enrolled_at, frozen.zone))
            for state in states.values()
        )
        for member_id, earned in qualifying.by_day(scheme, frozen, accounts, since).items():
            states[member_id].earned[scheme.id] = earned
