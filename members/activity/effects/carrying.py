"""Handing effects to who carries them out, within the caller's transaction and under the wallets' lock.

A purchase that grants none costs nothing here: no query and no object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from loyalty.kernel import registries
from loyalty.kernel.registries import BatchEffectHandler, Issue, Undo
from members.activity.decision import Decided, Decision
from programs.rules.returns import EffectKey

if TYPE_CHECKING:
    from members.activity.operations.returning import JudgedReturn

# What no rule reads back: who was only granted these is as the next purchase of the batch was judged.
_READ_BY_NO_RULE = frozenset({"voucher", "coupon", "message", "print", "flag"})
# Last, because they may speak of what the same rule granted.
_TALK = frozenset({"message", "print"})
_GIVES_POINTS_BACK = frozenset({"burn"})


def changes_members(decisions: Sequence[Decision]) -> bool:
    """Whether a purchase changes what a later one of the batch was judged by: they must be judged one after the other."""
    changed: set[int] = set()
    for one in decisions:
        if one.account_id in changed:
            return True
        if any(grant.effect not in _READ_BY_NO_RULE for grant in one.effects):
            changed.add(one.account_id)
    return False


def carry_out(decisions: Sequence[Decided]) -> None:
    """Do what the purchases grant beside points; what each handler answers is noted in the outcome as ``issued``.

    Kinds go in the order of their names, messages last: whoever runs this takes its locks in the same order.
    """
    by_kind: dict[str, list[tuple[dict[str, Any], Issue]]] = {}
    for one in decisions:
        for entry, grant in zip(one.outcome["effects"], one.effects, strict=True) if one.effects else ():
            issue = Issue(
                effect={**grant.document, "facts": dict(grant.facts)},
                rule=grant.rule,
                key=effect_key(one.id, entry),
                at=one.at,
                member_id=one.member_id,
                account_id=one.account_id,
                cause_id=one.id,
                cause_kind=one.cause_kind,
            )
            by_kind.setdefault(grant.effect, []).append((entry, issue))
    if not by_kind:
        return
    given: dict[tuple[int, str], dict[str, Any]] = {}
    for kind in sorted(by_kind, key=lambda name: (name in _TALK, name)):
        wanted = [(entry, _told(issue, given) if kind in _TALK else issue) for entry, issue in by_kind[kind]]
        for (entry, issue), issued in zip(wanted, _issue(kind, [issue for _entry, issue in wanted]), strict=True):
            entry["issued"] = dict(issued)
            if "code" in issued:
                given.setdefault((issue.cause_id, issue.rule), {})["voucher"] = issued["code"]


def effect_key(cause_id: int, entry: Mapping[str, Any]) -> str:
    """What names an effect of a purchase or another occasion for ever."""
    return f"{cause_id}:{entry['rule']}:{entry['branch']}:{entry['effect']}"


def _told(issue: Issue, given: Mapping[tuple[int, str], Mapping[str, Any]]) -> Issue:
    """An effect that talks, with what its own rule issued among the facts."""
    more = given.get((issue.cause_id, issue.rule))
    if not more:
        return issue
    return replace(issue, effect={**issue.effect, "facts": {**issue.effect["facts"], **more}})


def _issue(kind: str, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
    handler = registries.effect_handler(kind)
    assert handler is not None, f"{kind} has no handler and is no money off"
    if isinstance(handler, BatchEffectHandler):
        return handler.issue_many(wanted)
    return [
        handler.issue(one.effect, member_id=one.member_id, account_id=one.account_id, cause_id=one.cause_id)
        for one in wanted
    ]


def take_back(judged: Sequence["JudgedReturn"], *, is_before_points: bool) -> None:
    """Undo the effects that the kept units no longer grant, each once: earlier returns' are left out.

    Called twice: points that were taken away come back before the earned ones are taken back, or those would become a
    debt; all the rest is undone when the points are as they will be.
    """
    by_kind: dict[str, list[Undo]] = {}
    for one in judged:
        keys = set(withdrawn_now(one))
        for entry in one.original.outcome.get("effects", ()) if keys else ():
            if (entry["rule"], entry["effect"]) not in keys or entry["branch"] != "then":
                continue
            if (entry["kind"] in _GIVES_POINTS_BACK) != is_before_points:
                continue
            undo = Undo(
                issued=entry["issued"],
                key=effect_key(one.purchase.pk, entry),
                at=one.row.occurred_at,
                member_id=one.purchase.member_id,
                account_id=one.purchase.account_id,
                cause_id=one.row.pk,
            )
            by_kind.setdefault(entry["kind"], []).append(undo)
    for kind in sorted(by_kind, key=lambda name: (name in _TALK, name)):
        _reverse(kind, by_kind[kind])


def withdrawn_now(one: "JudgedReturn") -> list[EffectKey]:
    """The effects that this return takes back and no return before it did."""
    return [key for key in one.reversal.withdrawn if key not in one.withdrawn_before]


def _reverse(kind: str, undone: Sequence[Undo]) -> None:
    handler = registries.effect_handler(kind)
    assert handler is not None, f"{kind} has no handler and is no money off"
    if isinstance(handler, BatchEffectHandler):
        handler.reverse_many(undone)
        return
    for one in undone:
        handler.on_reverse(one.issued, member_id=one.member_id, account_id=one.account_id, cause_id=one.cause_id)
