"""What is answered to a return."""

from collections.abc import Sequence
from typing import Any

from members.activity import queries
from members.activity.explained import AppliedReturn
from members.activity.held import After, Held, held_after
from members.activity.models import Return
from members.activity.serializers import answers
from members.ledger.models import Entry, EntryKind


def return_answer(return_id: int) -> dict[str, Any]:
    """The answer to a return: what it took back and gave, and the balance that it left; nothing of it while it waits."""
    return return_answers([return_id])[0]


def return_answers(return_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The answers to returns as :class:`answers.ReturnAnswerSerializer` describes them, in the order given."""
    rows = Return.objects.filter(pk__in=list(return_ids)).select_related("purchase").in_bulk()
    applied = queries.applied_returns(list(rows.values()))
    left = dict(zip(applied, held_after(_moments(applied)), strict=True))
    return [_answer(rows[key], applied.get(key), left.get(key, {})) for key in return_ids]


def _moments(applied: dict[int, AppliedReturn]) -> list[After]:
    """Right after each return took its points back and gave those instead of money."""
    keys = [f"return_bonus:{key}" for key, one in applied.items() if one.returned.bonus]
    bonuses = Entry.objects.filter(kind=EntryKind.EARN, request_key__in=keys) if keys else Entry.objects.none()
    last = dict(bonuses.values_list("request_key", "pk"))
    return [
        After(
            one.account_id, EntryKind.REVERSE, f"return:{key}", one.evaluation_id,
            last_entry_id=last.get(f"return_bonus:{key}"),
        )
        for key, one in applied.items()
    ]  # fmt: skip


def _answer(row: Return, applied: AppliedReturn | None, left: dict[str, Held]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "transaction": row.purchase_external_id,
        "id": str(row.public_id),
        "external_id": row.external_id,
        "state": row.state,
        "reversed": {},
        "discount": None,
        "balance": {},
    }
    if applied is not None:
        answer |= {
            "reversed": applied.points_text(applied.returned.points),
            "discount": applied.money_text(applied.returned.discount),
            "balance": answers.balance_text(left, applied.decimals),
            **answers.paid_back(applied, applied.returned),
            **answers.settled(applied, applied.returned),
        }
    return answer
