"""Recording the purchases of a chunk in two lanes side by side: while the books write one, the rules judge the other.

All purchases of an account go by one lane, in the order of their time, so that no two lanes touch one wallet. Where a rule
has a limit that members share, or gives what there may be too little of, it matters who comes first: there is one lane then,
and the order is that of time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty.kernel import beside
from loyalty.kernel.beside import Beside
from loyalty.kernel.errors import Refusal
from members.activity import each
from members.activity.intake import PurchaseInput
from members.activity.services import Recorded
from members.profiles.models import AccountMember
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import limit_documents

# Fewer are recorded sooner than a second session is open.
FEWEST = 200
_LIMITS_OF_ONE = frozenset({"member", "recipient", "account", "household", "transaction"})
_EFFECTS_OF_ONE = frozenset({"bundle", "discount", "earn", "free_delivery", "message", "nth_free", "print"})

Outcomes = list[Recorded | Refusal]


def record_each(given: Sequence[PurchaseInput], second_lane: Beside) -> Outcomes:
    """Record purchases of which each succeeds or fails by itself; answers as given."""
    if len(given) < FEWEST or not beside.is_possible() or not _may_part(snapshots.present()):
        return each.record_each(given)
    first, second = _parted(given)
    waiting = second_lane.begin(each.record_each, [given[place] for place in second])
    try:
        outcomes = each.record_each([given[place] for place in first])
    finally:
        # Whatever becomes of one lane, the other comes to its end before anybody goes on.
        waiting.exception()
    found = dict(zip([*first, *second], [*outcomes, *waiting.result()], strict=True))
    return [found[place] for place in range(len(given))]


def _may_part(frozen: FrozenProgram) -> bool:
    """Whether no rule could give one member less because of another."""
    return all(_is_of_one(rule.document) for rule in frozen.rules)


def _is_of_one(rule: Mapping[str, Any]) -> bool:
    effects = [*rule["then"], *rule.get("else", ())]
    return all(limit["scope"] in _LIMITS_OF_ONE for _place, limit in limit_documents(rule)) and all(
        effect["effect"] in _EFFECTS_OF_ONE and effect.get("to", "member") == "member" for effect in effects
    )


def _parted(given: Sequence[PurchaseInput]) -> tuple[list[int], list[int]]:
    """The places of purchases in two lanes, by account."""
    members = {one.member_id for one in given}
    rows = AccountMember.objects.filter(member_id__any=members, is_primary=True)
    accounts = dict(rows.values_list("member_id", "account_id"))
    lane_of = {account: place % 2 for place, account in enumerate(sorted(set(accounts.values())))}
    lanes: tuple[list[int], list[int]] = ([], [])
    for place, one in enumerate(given):
        lanes[lane_of.get(accounts.get(one.member_id, 0), 0)].append(place)
    return lanes
