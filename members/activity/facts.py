"""What rules may read of a member beside declared attributes: consents, balances, language, city, region, since when.

Read only where a rule of the snapshot names it; a declared attribute of the same name wins.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from members.consents.models import Consent
from members.ledger.models import Wallet
from members.profiles.models import Member
from programs.promotions.snapshots import FrozenProgram
from programs.rules.dates import local
from programs.rules.history import canonical

PROFILE = ("language", "since", "region", "city")


class _State(Protocol):
    account_id: int
    attributes: Mapping[str, object]


@lru_cache(maxsize=16)
def _asked_for(frozen: FrozenProgram) -> frozenset[str]:
    """The facts that a rule of the snapshot names."""
    text = " ".join(canonical(rule.document) for rule in frozen.rules)
    named = {name for name in PROFILE if f'"member.{name}"' in text}
    return frozenset(named | {name for name in ("consent", "balance") if f'"member.{name}.' in text})


def add(states: Mapping[int, _State], frozen: FrozenProgram) -> None:
    """Add to the attributes of members what rules ask for; nothing is read where none does."""
    wanted = _asked_for(frozen)
    if not wanted or not states:
        return
    found: dict[int, dict[str, Any]] = {key: {} for key in states}
    if wanted & set(PROFILE):
        _add_profile(found, wanted, frozen)
    if "consent" in wanted:
        _add_consents(found)
    if "balance" in wanted:
        _add_balances(found, states)
    for key, state in states.items():
        state.attributes = {**found[key], **state.attributes}


def _add_profile(found: dict[int, dict[str, Any]], wanted: frozenset[str], frozen: FrozenProgram) -> None:
    rows = Member.objects.filter(pk__any=found).values_list(
        "pk", "language", "enrolled_at", "region__code", "personal__city"
    )
    for key, language, enrolled_at, region, city in rows:
        facts = {"language": language, "since": local(enrolled_at, frozen.zone).date(), "region": region, "city": city}
        found[key] |= {name: value for name, value in facts.items() if name in wanted and value}


def _add_consents(found: dict[int, dict[str, Any]]) -> None:
    for facts in found.values():
        facts["consent"] = {}
    rows = Consent.objects.filter(member_id__any=found).order_by("pk").select_related("purpose")
    for row in rows:
        found[row.member_id]["consent"][row.purpose.code] = row.is_given


def _add_balances(found: dict[int, dict[str, Any]], states: Mapping[int, _State]) -> None:
    by_account: dict[int, dict[str, Decimal]] = {}
    rows = Wallet.objects.filter(account_id__any={one.account_id for one in states.values()})
    for account, code, decimals, active, debt in rows.values_list(
        "account_id", "point_type__code", "point_type__decimals", "active", "debt"
    ):
        by_account.setdefault(account, {})[code] = Decimal(active - debt).scaleb(-decimals)
    for key, state in states.items():
        found[key]["balance"] = by_account.get(state.account_id, {})
