"""Clearing flags of members."""

from datetime import datetime

from loyalty.kernel import audit, scope
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import MemberFlag


class FlagCleared(Refusal):
    """It was cleared before."""

    code = "activity.flag_cleared"
    status = 409


def clear_flag(*, flag_id: int, reason: str, at: datetime) -> MemberFlag:
    """Clear a flag that stands, with what was found out.

    :raises NotFound: no such flag here.
    :raises FlagCleared: it was cleared before.
    :raises Malformed: no reason.
    """
    if not reason.strip():
        raise Malformed(errors=[("reason", "required")])
    with unit_of_work():
        rows = MemberFlag.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
        flag: MemberFlag | None = rows.filter(pk=flag_id).first()
        if flag is None:
            raise NotFound()
        if flag.cleared_at is not None:
            raise FlagCleared()
        actor = scope.actor()
        flag.cleared_at, flag.clear_reason = at, reason.strip()
        flag.cleared_by_id = actor.id if actor.kind == "user" else None
        flag.save(update_fields=["cleared_at", "clear_reason", "cleared_by"])
        audit.record("flag.cleared", flag.member, changes={flag.code: ("open", "cleared")}, reason=reason)
    return flag
