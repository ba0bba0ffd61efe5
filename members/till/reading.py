"""From what a till sends to an order of the services, and from what was done to an answer."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from loyalty.kernel import clock, money, scope
from loyalty.kernel.api.authentication import KeyHolder
from loyalty.kernel.api.idempotency import body_hash
from loyalty.kernel.errors import Malformed, NotFound
from members.activity import queries as activity
from members.activity.api import doors
from members.activity.api.returned import return_answer
from members.activity.intake import PurchaseInput
from members.ledger.api import balance_document
from members.ledger.models import Hold
from members.profiles.models import Member
from members.till import queries, receipts
from members.till.acts import Asked, Done
from members.till.models import Checkout, CheckoutState, OperationStatus, TillOperation
from members.till.serializers import (
    CancelSerializer,
    CommitSerializer,
    OperationSerializer,
    RefundSerializer,
    ReserveSerializer,
    VoidSerializer,
)
from members.till.services import Order

SERIALIZERS: Mapping[str, type[OperationSerializer]] = {
    "reserve": ReserveSerializer, "commit": CommitSerializer, "cancel": CancelSerializer, "void": VoidSerializer,
    "refund": RefundSerializer,
}  # fmt: skip


def order_of(key: KeyHolder, kind: str, content: Any, named: Mapping[str, Any]) -> Order:
    """One operation from its JSON; ``named`` is what the address says.

    :raises ValidationError: fields are missing, unknown or wrong.
    :raises Malformed: neither session nor receipt says which basket.
    :raises doors.OtherLocation: a receipt of another location is to be taken back.
    """
    raw = {**content, **named} if isinstance(content, Mapping) else content
    given = SERIALIZERS[kind](data=raw)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    if kind in {"cancel", "void", "refund"} and not (values.get("session") or values.get("receipt")):
        raise Malformed(errors=[("session", "required")])
    asked = Asked(
        source=doors.source_of(key), till=values["till"], op_id=values["op_id"], content=values,
        body_hash=body_hash(raw, kind), received_at=clock.now(),
    )  # fmt: skip
    if kind in {"void", "refund"}:
        _refuse_elsewhere(key, asked)
    door = doors.Door(key, is_offline=bool(values.get("offline")))
    return _order(kind, asked, raw, door)


def _refuse_elsewhere(key: KeyHolder, asked: Asked) -> None:
    """Refuse to take back another location's receipt; one that has not come yet is nobody's."""
    with suppress(NotFound):
        if asked.content.get("session"):
            purchase_id = queries.checkout_of(asked.content["session"], asked.source).purchase_id
        else:
            purchase_id = activity.purchase_of(asked.source, asked.content["receipt"])
        if purchase_id is not None:
            doors.refuse_foreign_receipt(key, purchase_id)


def order_of_item(key: KeyHolder, item: Any) -> Order:
    """One operation of a batch, which says its ``type``.

    :raises Malformed: no type, or an unknown one.
    """
    kind = item.get("type") if isinstance(item, Mapping) else None
    if not isinstance(kind, str) or kind not in SERIALIZERS:
        raise Malformed(errors=[("type", "not_a_choice")])
    return order_of(key, kind, {name: value for name, value in item.items() if name != "type"}, {})


def kept_order(row: TillOperation) -> Order:
    """The order behind an operation that was kept to be done later."""
    given = SERIALIZERS[row.kind](data=row.content)
    given.is_valid(raise_exception=True)
    asked = Asked(
        source=row.source, till=row.till, op_id=row.op_id, content=given.validated_data,
        body_hash=bytes(row.body_hash), received_at=clock.now(),
    )  # fmt: skip
    assert row.content is not None, "it was done"
    key = KeyHolder(id=0, program_id=scope.program_id(), partner_id=None, name="kept", scopes=frozenset())
    door = doors.Door(key, is_offline=bool(given.validated_data.get("offline")))
    door.source = row.source
    return _order(row.kind, asked, row.content, door)


def _order(kind: str, asked: Asked, raw: Mapping[str, Any], door: doors.Door) -> Order:
    sequence = asked.content.get("pos_seq")
    if kind != "commit":
        return Order(kind, asked, sequence, None, None, answer)
    return Order(kind, asked, sequence, lambda one: _purchase(one, door), lambda one: _kept(one, raw, door), answer)


def _purchase(asked: Asked, door: doors.Door) -> tuple[PurchaseInput, Checkout | None]:
    row = queries.checkout_of(asked.content["session"], asked.source) if asked.content.get("session") else None
    return door.read(_document(asked, row)), row


def _document(asked: Asked, row: Checkout | None) -> Any:
    """The purchase's own document, with the member of the session where the till leaves them out."""
    document = asked.content["purchase"]
    if not isinstance(document, Mapping):
        return document
    document = {"till": asked.till, **document}
    if row is not None and row.member is not None and "member" not in document:
        document["member"] = {"kind": "id", "value": str(row.member.public_id)}
    return document


def _kept(asked: Asked, raw: Mapping[str, Any], door: doors.Door) -> Mapping[str, Any]:
    """What is kept of a receipt to be judged later: the member stands for what named them, which may be personal."""
    given, _row = _purchase(asked, door)
    member = Member.objects.get(pk=given.member_id)
    purchase = {**raw["purchase"], "member": {"kind": "id", "value": str(member.public_id)}}
    if given.location is not None:
        # What is done later is done without the key that filled the store in.
        purchase["store"] = given.location
    return {**raw, "purchase": purchase}


def nothing_done(op_id: str | None) -> dict[str, Any]:
    """The answer to what could not be read."""
    return {
        "op_id": op_id, "status": OperationStatus.REJECTED, "session": None, "state": None, "is_complete": True,
        "flags": [], "warnings": [],
    }  # fmt: skip


def answer(asked: Asked, done: Done, status: OperationStatus) -> dict[str, Any]:
    """What the till is told about what was done."""
    row = done.checkout
    document = nothing_done(str(asked.op_id)) | {
        "status": status,
        "session": str(row.public_id) if row else None,
        "state": CheckoutState(row.state(asked.received_at)).value if row else None,
        "flags": done.flags,
        "warnings": done.warnings,
    }
    if done.hold is not None:
        document["reservation"] = reservation_document(done.hold)
    if done.return_id is not None:
        document["returned"] = return_answer(done.return_id)
    elif done.purchase_id is not None:
        explained = activity.explain_purchase(done.purchase_id)
        document["transaction"] = doors.answer_to(explained)
        if asked.content.get("money") is not None:
            paid = money.to_units(asked.content["money"], money.exponent(explained.currency), field="money")
            if paid != explained.to_pay:
                document["warnings"] = [*done.warnings, "money_differs"]
        language = row.member.language if row is not None and row.member is not None else ""
        document["receipt"] = receipts.lines_of(done.purchase_id, language)
    return document


def reservation_document(row: Hold) -> dict[str, Any]:
    """A hold as the API shows it, with the balance after it."""
    kind = row.wallet.point_type
    return {
        "reservation": str(row.public_id),
        "state": row.state,
        "type": kind.code,
        "points": money.to_text(row.amount, kind.decimals),
        "captured": money.to_text(row.captured, kind.decimals),
        "expires_at": row.expires_at.isoformat(),
        "balance": balance_document(row.account_id)["balance"],
    }
