"""Promotions that put members into segments and take them out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from loyalty.kernel.registries import Issue, Undo
from members.segments.models import MembershipCause, Segment, SegmentKind
from members.segments.operations import membership

Problems = Iterable[tuple[str, str, Mapping[str, Any]]]


def _problems(effect: Mapping[str, Any]) -> Problems:
    """The segment is one by hand: a condition would undo at its next count what a promotion did."""
    found = Segment.objects.filter(code=effect.get("segment", ""), archived_at__isnull=True).first()
    if found is None:
        yield "segment", "unknown_segment", {"segment": effect.get("segment", "")}
    elif found.is_dynamic:
        yield "segment", "segment_by_condition", {"segment": found.code}


def _choices(field: str) -> list[tuple[str, str]]:
    """The segments that an effect may name."""
    rows = Segment.objects.filter(archived_at__isnull=True, kind=SegmentKind.STATIC).order_by("code")
    return [(one.code, str(one)) for one in rows] if field == "segment" else []


def _by_hand(wanted: Iterable[Issue]) -> dict[str, int]:
    codes = {one.effect["segment"] for one in wanted}
    rows = Segment.objects.filter(code__any=codes, archived_at__isnull=True)
    return {one.code: one.pk for one in rows if not one.is_dynamic}


class AddToSegment:
    """Puts the member into a segment by hand, for a number of days where the effect says so.

    A segment that was archived since the promotion was published takes nobody; the answer says so.
    """

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Put them in; who is in already stays as they are. ``row`` of the answer is the membership begun."""
        keys = _by_hand(wanted)
        return [self._issue(one, keys.get(one.effect["segment"])) for one in wanted]

    def _issue(self, one: Issue, segment_id: int | None) -> Mapping[str, Any]:
        row = None
        if segment_id is not None:
            days = one.effect.get("days")
            until = one.at + timedelta(days=int(days)) if days else None
            row = membership.add(
                segment_id, [one.member_id], at=one.at, until=until, cause=MembershipCause.PROMOTION,
                cause_id=one.cause_id,
            ).get(one.member_id)  # fmt: skip
        return {"segment": one.effect["segment"], "id": segment_id, "row": row}

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """End the memberships that the effects began, where they still hold."""
        membership.end_rows([(one.issued["row"], one.at) for one in undone if one.issued["row"] is not None])

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """Which segments may be named."""
        return _problems(effect)

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The segments to choose from."""
        return _choices(field)


class RemoveFromSegment:
    """Takes the member out of a segment by hand."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Take them out; ``was_in`` of the answer says who was in, ``until`` until when they would have been."""
        keys = _by_hand(wanted)
        return [self._issue(one, keys.get(one.effect["segment"])) for one in wanted]

    def _issue(self, one: Issue, segment_id: int | None) -> Mapping[str, Any]:
        gone = {} if segment_id is None else membership.remove(segment_id, [one.member_id], at=one.at)
        until = gone.get(one.member_id)
        return {
            "segment": one.effect["segment"],
            "id": segment_id,
            "was_in": one.member_id in gone,
            "until": until.isoformat() if until else None,
        }

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Put back who was taken out, until when they would have been in."""
        for one in undone:
            until = datetime.fromisoformat(one.issued["until"]) if one.issued.get("until") else None
            if one.issued["was_in"] and (until is None or until > one.at):
                membership.add(
                    one.issued["id"], [one.member_id], at=one.at, until=until, cause=MembershipCause.PROMOTION,
                    cause_id=one.cause_id,
                )  # fmt: skip

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """Which segments may be named."""
        return _problems(effect)

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The segments to choose from."""
        return _choices(field)
