"""Declared attributes of members that a promotion sets or counts up."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from loyalty.kernel import audit
from loyalty.kernel.registries import Issue, Undo
from members.profiles.models import Member, MemberAttribute
from programs.setup.events import TYPES

Problems = Iterable[tuple[str, str, Mapping[str, Any]]]
COUNTED = ("whole", "number")
_PREFIX = "member."


class AttributeEffect:
    """Changes one attribute of the member who bought, under the member's lock and with an audit record."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Change them one after the other; each answer says what stood there before."""
        members = _locked(one.member_id for one in wanted)
        return [self._change(one, members[one.member_id]) for one in wanted]

    def _change(self, one: Issue, member: Member) -> Mapping[str, Any]:
        name = one.effect["attr"].removeprefix(_PREFIX)
        before = member.attributes.get(name)
        added = one.effect.get("add")
        after = _sum(before, Decimal(str(added))) if added is not None else one.effect["value"]
        _set(member, name, after, reason=one.rule)
        return {"name": name, "before": before, "after": after, "added": str(added) if added is not None else None}

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Count down again what was counted up; a value that was set since by somebody else stays."""
        members = _locked(one.member_id for one in undone)
        # The newest first: what one set before the other is found again.
        for one in reversed(undone):
            member, issued = members[one.member_id], one.issued
            present = member.attributes.get(issued["name"])
            if issued["added"] is not None and _number(present) is not None:
                _set(member, issued["name"], _sum(present, -Decimal(issued["added"])), reason="return")
            elif issued["added"] is None and present == issued["after"]:
                _set(member, issued["name"], issued["before"], reason="return")

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """The attribute is declared in the program and takes such a value."""
        name = effect["attr"].removeprefix(_PREFIX)
        found = MemberAttribute.objects.filter(code=name, archived_at__isnull=True).first()
        if found is None or not effect["attr"].startswith(_PREFIX):
            yield "attr", "undeclared_attribute", {"attr": effect["attr"]}
            return
        if ("value" in effect) == ("add" in effect):
            yield "value", "exactly_one", {"of": ["value", "add"]}
        elif "add" in effect:
            if found.kind not in COUNTED:
                yield "add", "not_counted", {"attr": effect["attr"]}
            elif found.kind == "whole" and Decimal(str(effect["add"])) % 1:
                yield "add", "wrong_format", {}
        elif not TYPES[found.kind][0](effect["value"]):
            yield "value", "wrong_type", {}

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The declared attributes that can be counted."""
        rows = MemberAttribute.objects.filter(archived_at__isnull=True, kind__in=COUNTED).order_by("code")
        return [(f"{_PREFIX}{row.code}", str(row.name)) for row in rows]


def _locked(member_ids: Iterable[int]) -> dict[int, Member]:
    rows = Member.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=set(member_ids))
    return {row.pk: row for row in rows.order_by("pk")}


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _sum(before: Any, added: Decimal) -> int | str:
    """Whole numbers stay whole numbers, others are decimal texts; nothing counts as zero."""
    total = (_number(before) or Decimal(0)) + added
    return int(total) if not isinstance(before, str) and total == total.to_integral_value() else f"{total:f}"


def _set(member: Member, name: str, value: Any, *, reason: str) -> None:
    before = member.attributes.get(name)
    member.attributes = {**member.attributes, name: value}
    if value is None:
        del member.attributes[name]
    member.save(update_fields=["attributes"])
    audit.record("member.attribute_set", member, changes={name: (before, value)}, reason=reason)
