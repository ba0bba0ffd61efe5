"""How a request becomes a purchase of the one door, and the door's answer a document."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ValidationError

from loyalty.kernel.api.authentication import KeyHolder
from loyalty.kernel.api.idempotency import body_hash
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import ApiKey
from members.activity import intake, queries, services
from members.activity.explained import ExplainedPurchase
from members.activity.intake import PurchaseInput
from members.activity.operations.returning import ReturnBeyondPurchase, UnknownLine
from members.activity.serializers import answers
from members.activity.serializers.purchase import PurchaseSerializer, purchase_input
from members.activity.services import Recorded
from members.ledger.models import EntryKind
from members.profiles import queries as profiles
from programs.catalog import queries as catalog

OWN_SOURCE = "api"


def source_of(key: KeyHolder) -> str:
    """Under which name a key's purchases are known: its partner's code, else ``api``."""
    if key.partner_id is None:
        return OWN_SOURCE
    return str(ApiKey.objects.values_list("partner__code", flat=True).get(pk=key.id))


@contextmanager
def naming_lines(line_ids: Sequence[str]) -> Iterator[None]:
    """Lead a refusal about a line of the purchase to the place in the request that names the line."""
    try:
        yield
    except (UnknownLine, ReturnBeyondPurchase) as refusal:
        part = "line_id" if isinstance(refusal, UnknownLine) else "qty"
        refusal.field = f"lines.{line_ids.index(refusal.facts['line'])}.{part}"
        raise


class Door:
    """Reads purchases for one key; members and stores that come again are looked up once."""

    def __init__(self, key: KeyHolder) -> None:
        self.key = key
        self.source = source_of(key)
        self._members: dict[tuple[str, str], int] = {}
        self._stores: dict[str, int | None] = {}

    def read(self, content: Any) -> PurchaseInput:
        """One purchase from its JSON.

        :raises ValidationError: fields are missing, unknown or wrong.
        :raises Malformed: an amount has more decimals than its currency.
        :raises profiles.UnknownMember: nobody here is named like that.
        :raises intake.UnknownLocation: the store belongs to another partner than the key.
        """
        given = PurchaseSerializer(data=content)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        found = purchase_input(
            values,
            member_id=self._member_id(values["member"]["kind"], values["member"]["value"]),
            source=self.source,
            body_hash=body_hash(content),
        )
        self._refuse_foreign_store(found.location)
        return found

    def _member_id(self, kind: str, value: str) -> int:
        if (kind, value) not in self._members:
            self._members[kind, value] = profiles.identify(kind, value).pk
        return self._members[kind, value]

    def _refuse_foreign_store(self, code: str | None) -> None:
        """A partner's key speaks for its own stores: another's would be charged for the points."""
        if self.key.partner_id is None or code is None:
            return
        if code not in self._stores:
            facts = catalog.locations([code]).get(code)
            self._stores[code] = facts.partner_id if facts else None
        if self._stores[code] not in (None, self.key.partner_id):
            raise intake.UnknownLocation(location=code)


def answer_to(one: ExplainedPurchase) -> dict[str, Any]:
    """The answer to a purchase: the same at every repeat, with the balance that the purchase left."""
    burns = [effect.issued["entry"] for effect in one.effects_of("burn") if effect.issued["entry"]]
    held = queries.held_after(
        one.account_id, kind=EntryKind.EARN, request_key=f"purchase:{one.id}", by_entry_id=one.evaluation_id,
        last_entry_id=max(burns, default=None),
    )  # fmt: skip
    return dict(answers.TransactionSerializer(answers.transaction_document(one, held)).data)


def record_each(given: Sequence[PurchaseInput]) -> list[Recorded | Refusal]:
    """Record purchases of which each succeeds or fails by itself, in the order of their time; answers as given.

    They are recorded together, and apart from each other only where one is refused.
    """
    found: dict[int, Recorded | Refusal] = {}
    names: dict[tuple[str, str], int] = {}
    repeats = []
    for place, one in enumerate(given):
        if names.setdefault((one.source, one.external_id), place) != place:
            repeats.append(place)
    first = sorted(names.values(), key=lambda place: given[place].at)
    _record_some(given, first, found)
    for place in repeats:
        _record_some(given, [place], found)
    return [found[place] for place in range(len(given))]


def _record_some(given: Sequence[PurchaseInput], places: Sequence[int], found: dict[int, Recorded | Refusal]) -> None:
    if not places:
        return
    try:
        recorded = services.record_purchases([given[place] for place in places])
    except Refusal as refusal:
        if len(places) == 1:
            found[places[0]] = refusal
            return
        middle = len(places) // 2
        _record_some(given, places[:middle], found)
        _record_some(given, places[middle:], found)
        return
    found.update(zip(places, recorded, strict=True))


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
