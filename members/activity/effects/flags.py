"""Flags that a promotion raises for a person to look at."""

from collections.abc import Sequence
from typing import Any

from loyalty.kernel import bulk, ids, scope
from loyalty.kernel.registries import Issue, Undo
from members.activity.models import FlagSeverity, MemberFlag

RETURNED = "returned"


class FlagEffect:
    """Raises a flag on the member who bought; one that stands already stands on."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[dict[str, Any]]:
        """Raise them by one statement; the answer names those that were new."""
        program = scope.program_id()
        columns = [
            "id", "program", "member", "code", "severity", "note", "rule", "purchase", "since_at", "clear_reason",
        ]  # fmt: skip
        keys = ids.take(len(wanted))
        rows = [
            (key, program, one.member_id, one.effect["flag"], one.effect.get("severity", FlagSeverity.WARNING),
             one.effect.get("text", {}), one.rule, one.cause_id if one.cause_kind == "purchase" else None, one.at, "")
            for key, one in zip(keys, wanted, strict=True)
        ]  # fmt: skip
        suffix = "ON CONFLICT (member_id, code) WHERE cleared_at IS NULL DO NOTHING RETURNING id"
        new = {key for (key,) in bulk.insert(MemberFlag, columns, rows, suffix=suffix)}
        return [
            {"flag": one.effect["flag"], "row": key if key in new else None}
            for key, one in zip(keys, wanted, strict=True)
        ]

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Clear those that stand by these purchases."""
        keys = [one.issued["row"] for one in undone if one.issued["row"] is not None]
        open_flags = MemberFlag.objects.filter(pk__in=keys, cleared_at__isnull=True)
        open_flags.update(cleared_at=max(one.at for one in undone), clear_reason=RETURNED)
