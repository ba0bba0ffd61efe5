"""Points that a promotion takes away."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loyalty.kernel.registries import Issue, Undo
from members.ledger import operations as ledger
from members.ledger.models import Entry
from programs.promotions.models import Promotion
from programs.setup.models import PointType

Problems = Iterable[tuple[str, str, Mapping[str, Any]]]


class BurnEffect:
    """Takes what is there and can be spent; the rest is written off, because a receipt is never refused for it."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Take the points, one entry a deduction."""
        types = {kind.code: kind for kind in PointType.objects.all()}
        return [self._burn(one, types) for one in wanted]

    def _burn(self, one: Issue, types: Mapping[str, PointType]) -> Mapping[str, Any]:
        facts = one.effect["facts"]
        kind = types[facts["type"]]
        cause = ledger.Cause("burn", one.cause_id, f"burn:{one.key}")
        burned = ledger.burn(one.account_id, kind.pk, facts["points"], cause=cause, at=one.at)
        return {"type": kind.code, "entry": burned.entry_id, "taken": burned.taken, "missing": burned.missing}

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Give back what was taken, to the lots that it came from."""
        entries = Entry.objects.in_bulk([one.issued["entry"] for one in undone if one.issued["entry"]])
        for one in undone:
            entry = entries.get(one.issued["entry"])
            if entry is not None:
                cause = ledger.Cause("burn", one.cause_id, f"unburn:{one.key}")
                ledger.give_back(entry, cause=cause, at=one.at)

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """Only points that can be spent can be taken away."""
        kind = PointType.objects.filter(code=effect.get("type", ""), archived_at__isnull=True).first()
        if kind is not None and not kind.is_spendable:
            yield "type", "points_only_count", {"type": kind.code}


def describe_entries(entries: Sequence[Entry]) -> Mapping[int, str]:
    """By which promotion ledger entries of deductions came, in the reader's language."""
    rules = {entry.pk: entry.request_key.split(":")[2] for entry in entries}
    names = dict(Promotion.objects.filter(code__in=set(rules.values())).values_list("code", "name"))
    return {key: str(names.get(code, code)) for key, code in rules.items()}
