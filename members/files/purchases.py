"""From the lines of a file to purchases of the one door, and from the door's refusals back to the lines of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from members.activity.intake import PurchaseInput
from members.activity.serializers.purchase import purchase_input
from members.files import layout
from members.files.operations import Reject
from members.files.staging import StagedPurchase
from members.profiles.queries import KINDS

_EXACT = {*layout.MONEY, "qty", "tax_rate"}
_LISTED = ("coupons", "categories")


@dataclass(slots=True)
class Found:
    """Purchases that can be recorded, and those that cannot."""

    given: list[PurchaseInput] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read(staged: Sequence[StagedPurchase], *, source: str) -> Found:
    """The purchases as the one door takes them: the same as if the API had brought them."""
    found = Found()
    for one in staged:
        if one.member_id is None:
            # The card was taken away between the check of the file and now.
            facts = {"known": ", ".join(KINDS)}
            found.rejects.append(Reject(one.lines[0].number, one.external_id, "member", "members.unknown", facts))
            continue
        content = document(one)
        try:
            given = purchase_input(_values(content), member_id=one.member_id, source=source, body_hash=_hash(content))
        except Malformed as refusal:
            found.rejects += rejects_of(one, refusal)
        else:
            found.given.append(given)
    return found


def document(one: StagedPurchase) -> dict[str, Any]:
    """The purchase as a request of the API would bring it: empty cells are fields that are not there."""
    said = _fields(one.cells)
    # Members are named by kind and value.
    member = {"kind": said.pop("member_kind"), "value": said.pop("member")}
    return {"member": member, **said, "lines": [_fields(line.cells) for line in one.lines]}


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = dict(cells)
    for name in _LISTED:
        if name in cells:
            fields[name] = [part.strip() for part in cells[name].split(layout.MANY) if part.strip()]
    return fields


def _hash(content: Mapping[str, Any]) -> bytes:
    """As ``body_hash`` of the content, which holds nothing but texts."""
    return sha256(msgspec.json.encode([content], order="sorted")).digest()


def _values(content: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the API's reader would hand it on; its cells were checked in the tables."""
    values = {"till": "", "channel": "store", "payment": "", "coupons": [], **_exact(content)}
    values["at"] = datetime.fromisoformat(content["at"])
    values["lines"] = [{"unit": "piece", **_exact(line)} for line in content["lines"]]
    return values


def _exact(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if name in _EXACT else value for name, value in content.items()}


def rejects_of(one: StagedPurchase, refusal: Refusal) -> list[Reject]:
    """What a refusal says, at the cells that it is about."""
    if isinstance(refusal, Malformed):
        return [_reject(one, *error) for error in refusal.facts.get("errors", [])]
    return [_reject(one, refusal.field % dict(refusal.facts), refusal.code, refusal.facts)]


def _reject(one: StagedPurchase, name: str, code: str, facts: Mapping[str, Any] | None = None) -> Reject:
    """The line and the column of a field such as ``lines.2.amount``."""
    part, _point, rest = name.partition(".")
    place, _point, column = rest.partition(".")
    line = one.lines[int(place)] if part == "lines" and place.isdigit() else one.lines[0]
    plain = {key: value if isinstance(value, int | None) else str(value) for key, value in (facts or {}).items()}
    return Reject(line.number, one.external_id, column or part, code, plain)


def is_mismatch(refusal: Refusal) -> bool:
    """Whether the books hold the purchase with another content."""
    return isinstance(refusal, IdempotencyMismatch)
