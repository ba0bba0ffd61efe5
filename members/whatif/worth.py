"""What a tally is worth: points and money off in the program's currency. Pure."""

from collections.abc import Mapping
from fractions import Fraction

from members.whatif import tally
from members.whatif.tally import DISCOUNT, MEMBER, PAYER, RULE, Key, Tally
from programs.rules import RuleSet
from programs.rules.money import half_up


def value_of(ruleset: RuleSet, kind: str, amount: int) -> Fraction:
    """Minor units that an amount of points is worth, or of money off."""
    return Fraction(amount) if kind == DISCOUNT else Fraction(ruleset.point_values.get(kind, 0)) * amount


def by_kind(found: Tally, rule: str) -> dict[str, int]:
    """What one rule gave, by point type and as money off."""
    return {key[1]: amount for key, amount in tally.chosen(found, RULE).items() if key[0] == rule}


def difference(drafted: Tally, live: Tally, kind: str) -> dict[Key, int]:
    """The figures of one kind with the draft less those without it; what is the same is left out."""
    before, after = tally.chosen(live, kind), tally.chosen(drafted, kind)
    found = {key: after.get(key, 0) - before.get(key, 0) for key in {**after, **before}}
    return {key: amount for key, amount in found.items() if amount}


def total(ruleset: RuleSet, amounts: Mapping[Key, int]) -> int:
    """What figures are worth together, minor units; the last part of their keys is the kind."""
    return half_up(sum((value_of(ruleset, key[-1], amount) for key, amount in amounts.items()), Fraction(0)))


def by_member(ruleset: RuleSet, drafted: Tally, live: Tally) -> dict[int, Fraction]:
    """What each member wins or loses by the draft, minor units; who neither does is left out.

    Where points have no value set, one counts as one: who wins is known nevertheless.
    """
    has_value = any(ruleset.point_values.values())
    found: dict[int, Fraction] = {}
    for (member_id, kind), amount in difference(drafted, live, MEMBER).items():
        counts = has_value or kind == DISCOUNT or kind not in ruleset.point_values
        value = value_of(ruleset, kind, amount) if counts else Fraction(amount)
        found[member_id] = found.get(member_id, Fraction(0)) + value
    return {member_id: value for member_id, value in found.items() if value}


def by_payer(ruleset: RuleSet, drafted: Tally, live: Tally) -> dict[str, int]:
    """What the draft costs each payer more or less than now, minor units; the operator is the empty name."""
    found: dict[str, Fraction] = {}
    for (payer, kind), amount in difference(drafted, live, PAYER).items():
        found[payer] = found.get(payer, Fraction(0)) + value_of(ruleset, kind, amount)
    return {payer: half_up(value) for payer, value in found.items() if value}
