"""How a request becomes a purchase of the one door, and the door's answer a document."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from rest_framework.exceptions import ValidationError

from loyalty.kernel.api.authentication import KeyHolder
from loyalty.kernel.api.idempotency import body_hash
from loyalty.kernel.api.serializers import accept
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import ApiKey
from members.activity import intake, paying
from members.activity.explained import ExplainedPurchase
from members.activity.held import After, Held, held_after
from members.activity.intake import OWN_SOURCE, PurchaseInput
from members.activity.models import Purchase
from members.activity.operations.returning import ReturnBeyondPurchase, UnknownLine
from members.activity.operations.settling import ReturnWindowOver
from members.activity.serializers import answers
from members.activity.serializers.purchase import PurchaseSerializer, purchase_input
from members.ledger import holds
from members.ledger.models import EntryKind
from members.profiles import earlier
from members.profiles import queries as profiles
from programs.catalog import queries as catalog
from programs.setup.models import Program


def source_of(key: KeyHolder) -> str:
    """Under which name a key's purchases are known: its partner's code, else ``api``."""
    if key.partner_id is None:
        return OWN_SOURCE
    return str(ApiKey.objects.values_list("partner__code", flat=True).get(pk=key.id))


class OtherLocation(Refusal):
    """The key stands at one location and speaks for no other."""

    code = "activity.other_location"
    status = 403
    field = "store"


def refuse_elsewhere(key: KeyHolder, code: str | None) -> None:
    """Refuse a key that stands at one location what was, or is to be, done at another.

    :raises OtherLocation: the key is bound and ``code`` is not its location's.
    """
    if key.location is not None and code != key.location:
        raise OtherLocation(location=key.location, store=code or "-")


def refuse_foreign_receipt(key: KeyHolder, purchase_id: int) -> None:
    """Refuse a bound key to take back what another location sold; a purchase that names no place may come back anywhere.

    :raises OtherLocation: the purchase was made elsewhere.
    """
    code = Purchase.objects.values_list("location__code", flat=True).get(pk=purchase_id) if key.location else None
    if code is not None:
        refuse_elsewhere(key, code)


@contextmanager
def naming_lines(line_ids: Sequence[str]) -> Iterator[None]:
    """Lead a refusal about a line of the purchase to the place in the request that names the line."""
    try:
        yield
    except (UnknownLine, ReturnBeyondPurchase, ReturnWindowOver) as refusal:
        part = "qty" if isinstance(refusal, ReturnBeyondPurchase) else "line_id"
        refusal.field = f"lines.{line_ids.index(refusal.facts['line'])}.{part}"
        raise


class Door:
    """Reads purchases for one key; members and stores that come again are looked up once.

    With ``is_offline`` a card names whom it named when the purchase was made: it may have been blocked since.
    """

    def __init__(self, key: KeyHolder, *, is_offline: bool = False) -> None:
        self.key = key
        self.is_offline = is_offline
        self.source = source_of(key)
        self._members: dict[tuple[str, str], int] = {}
        self._stores: dict[str, int | None] = {}

    def read(self, content: Any) -> PurchaseInput:
        """One purchase from its JSON.

        :raises ValidationError: fields are missing, unknown or wrong.
        :raises Malformed: an amount has more decimals than its currency.
        :raises profiles.UnknownMember: nobody here is named like that.
        :raises intake.UnknownLocation: the store belongs to another partner than the key.
        :raises OtherLocation: the key stands at another store.
        :raises NotFound: the reservation is not one of this key's tills.
        """
        values = accept(PurchaseSerializer, content)
        found = purchase_input(
            values,
            member_id=self._member_id(values["member"]["kind"], values["member"]["value"], values["at"]),
            source=self.source,
            body_hash=body_hash(content),
        )
        found = replace(found, location=self.store(found.location))
        if "reservation" in values:
            hold = holds.hold_of(values["reservation"], source=self.source)
            value = found.paid_with_points if "paid_with_points" in values else None
            points = paying.paid_of_hold(hold, value=value, program=Program.objects.get())
            return replace(found, paid_with_points=0, points=points)
        return found

    def _member_id(self, kind: str, value: str, at: datetime) -> int:
        if self.is_offline:
            return earlier.identify_at(kind, value, at).pk
        if (kind, value) not in self._members:
            self._members[kind, value] = profiles.identified(kind, value).member_id
        return self._members[kind, value]

    def store(self, code: str | None) -> str | None:
        """The store of a purchase that names ``code``; that of the key's location where it names none.

        A partner's key speaks for its own stores: another's would be charged for the points.

        :raises intake.UnknownLocation: the store belongs to another partner than the key.
        :raises OtherLocation: the key stands at another store.
        """
        code = code or self.key.location
        refuse_elsewhere(self.key, code)
        if self.key.partner_id is None or code is None:
            return code
        if code not in self._stores:
            facts = catalog.locations([code]).get(code)
            self._stores[code] = facts.partner_id if facts else None
        if self._stores[code] not in (None, self.key.partner_id):
            raise intake.UnknownLocation(location=code)
        return code


def answer_to(one: ExplainedPurchase) -> dict[str, Any]:
    """The answer to a purchase: the same at every repeat, with the balance that the purchase left."""
    return answers_to([one])[0]


def answers_to(
    explained: Sequence[ExplainedPurchase], known: Mapping[int, Mapping[str, Held]] | None = None
) -> list[dict[str, Any]]:
    """The answers to purchases as :func:`answer_to` gives them, balances that are not ``known`` by one query."""
    held = dict(known or {})
    asked = [one for one in explained if one.id not in held]
    if asked:
        held |= {one.id: left for one, left in zip(asked, held_after([_moment_of(one) for one in asked]), strict=True)}
    return [answers.transaction_document(one, held[one.id]) for one in explained]


def _moment_of(one: ExplainedPurchase) -> After:
    """Right after the purchase gave and took its points."""
    burns = [effect.issued["entry"] for effect in one.effects_of("burn") if effect.issued["entry"]]
    if one.payment is not None:
        burns.append(one.payment["entry"])
    return After(
        one.account_id, EntryKind.EARN, f"purchase:{one.id}", one.evaluation_id, last_entry_id=max(burns, default=None)
    )


def read_each(door: Door, items: Sequence[Any]) -> list[PurchaseInput | Refusal | ValidationError]:
    """Read purchases of which each is right or wrong by itself."""
    found: list[PurchaseInput | Refusal | ValidationError] = []
    for item in items:
        try:
            found.append(door.read(item))
        except (Refusal, ValidationError) as problem:
            found.append(problem)
    return found


def external_id_of(item: Any) -> str | None:
    """The name of a purchase that may not be readable otherwise."""
    name = item.get("external_id") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None
