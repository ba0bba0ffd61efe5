"""What happened to a member: purchases, returns and movements of points as one stream, the newest first.

A purchase or a return carries the points that its ledger entry moved; such entries are not shown a second time. The
stream is read in parts by key, like every list: three reads of one part each are merged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet, Sum

from loyalty.kernel import registries
from loyalty.kernel.models import User
from members.activity.models import Evaluation, Event, Purchase, Return, ReturnState
from members.desk.queries import rules
from members.desk.queries.overview import Amount
from members.ledger.models import HOLDING_KINDS, Bucket, Entry, EntryKind, LotUse, Posting
from members.messaging import placeholders
from members.messaging import queries as messaging
from members.messaging.models import Message
from members.messaging.wording import reason
from programs.setup.models import PointType

PART = 20
PURCHASES, SPENT, CHANGES = "purchases", "spent", "changes"
KINDS = (PURCHASES, SPENT, CHANGES)
_OF_RECEIPTS = ("purchase", "return")
_SPENDING = (EntryKind.REDEEM, EntryKind.CANCEL)


@dataclass(slots=True)
class Happening:
    """One line of the history. ``kind`` is purchase, return or the kind of the entry; ``subject`` is the row itself.

    An expiry has ``uses``, what it took of which lot by which rule, and ``expiry``, the rule that ended all of them.
    """

    kind: str
    at: datetime
    id: int
    subject: Any
    points: list[Amount] = field(default_factory=list)
    rules: list[tuple[str, Amount]] = field(default_factory=list)
    who: str = ""
    what: str = ""
    uses: list[tuple[LotUse, str]] = field(default_factory=list)
    expiry: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One part of the history and the marks of its neighbors, empty where there is none."""

    rows: list[Happening]
    before: str
    after: str


def mark_of(row: Happening) -> str:
    """The mark of a row in an address."""
    return f"{row.at.isoformat()}~{row.id}"


def _read_mark(text: str) -> tuple[datetime, int] | None:
    """The instant and key of a mark; nothing when the address was mistyped, which shows the first part."""
    instant, _sign, key = text.partition("~")
    try:
        at = datetime.fromisoformat(instant)
        return (at, int(key)) if at.tzinfo is not None else None
    except ValueError:
        return None


def history(
    member_id: int, account_id: int, *, kind: str = "", before: str = "", after: str = "", size: int = PART
) -> Stretch:
    """One part of what happened; ``kind`` narrows it to purchases, spending or changes."""
    mark = _read_mark(before or after)
    is_backward = mark is not None and bool(before)
    rows: list[Happening] = []
    for name, instant, queryset in _streams(member_id, account_id, kind):
        order = [instant, "pk"] if is_backward else [f"-{instant}", "-pk"]
        if mark is not None:
            queryset = queryset.filter(_beyond(instant, mark, "gt" if is_backward else "lt"))
        rows += [
            Happening(name or one.kind, getattr(one, instant), one.pk, one)
            for one in queryset.order_by(*order)[: size + 1]
        ]
    rows.sort(key=attrgetter("at", "id"), reverse=not is_backward)
    has_more, rows = len(rows) > size, rows[:size]
    if is_backward:
        rows.reverse()
    has_before = has_more if is_backward else mark is not None
    has_after = is_backward or has_more
    _complete(rows)
    return Stretch(
        rows=rows,
        before=mark_of(rows[0]) if rows and has_before else "",
        after=mark_of(rows[-1]) if rows and has_after else "",
    )


def _beyond(instant: str, mark: tuple[datetime, int], sense: str) -> Q:
    at, key = mark
    return Q(**{f"{instant}__{sense}": at}) | Q(**{instant: at, f"pk__{sense}": key})


def _streams(member_id: int, account_id: int, kind: str) -> list[tuple[str, str, QuerySet[Any]]]:
    """The reads that make up the history: (kind of the rows, their instant, rows)."""
    found: list[tuple[str, str, QuerySet[Any]]] = []
    if kind in {"", PURCHASES}:
        purchases = Purchase.objects.filter(member_id=member_id).select_related("location")
        returns = Return.objects.filter(purchase__member_id=member_id, state=ReturnState.APPLIED)
        found += [
            ("purchase", "occurred_at", purchases),
            ("return", "occurred_at", returns.select_related("purchase")),
        ]
    if not kind:
        found.append(("event", "occurred_at", Event.objects.filter(member_id=member_id).select_related("kind")))
        found.append(("message", "made_at", Message.objects.filter(member_id=member_id).select_related("template")))
    if kind != PURCHASES:
        entries = (
            Entry.objects.filter(account_id=account_id)
            .exclude(cause_kind__in=_OF_RECEIPTS)
            .exclude(kind__in=HOLDING_KINDS)
        )
        if kind == SPENT:
            entries = entries.filter(kind__in=_SPENDING)
        elif kind == CHANGES:
            entries = entries.exclude(kind__in=_SPENDING)
        found.append(("", "effective_at", entries.select_related("reason")))
    return found


# What a part of the history says beside its rows: read at once for all of them.


def _complete(rows: Sequence[Happening]) -> None:
    types = {one.pk: one for one in PointType.objects.order_by("position", "id")}
    entries = {row.id: row.id for row in rows if isinstance(row.subject, Entry)}
    entries |= _entries_of_receipts(rows)
    _add_points(rows, entries, types)
    _add_rules(rows, {one.code: one for one in types.values()})
    _add_people(rows)
    _add_lots(rows)
    _add_causes(rows)
    _add_messages(rows)


def _entries_of_receipts(rows: Sequence[Happening]) -> dict[int, int]:
    """By purchase or return: the entry that moved its points."""
    kinds = {"purchase": EntryKind.EARN, "return": EntryKind.REVERSE}
    keys = {f"{row.kind}:{row.id}": row.id for row in rows if row.kind in kinds}
    if not keys:
        return {}
    found = Entry.objects.filter(kind__in=kinds.values(), request_key__in=list(keys))
    return {keys[key]: entry_id for entry_id, key in found.values_list("pk", "request_key")}


def _add_points(rows: Sequence[Happening], entries: Mapping[int, int], types: Mapping[int, PointType]) -> None:
    legs = Posting.objects.filter(entry_id__in=list(entries.values()), wallet__isnull=False)
    moved: dict[tuple[int, int], dict[str, int]] = {}
    for entry_id, type_id, bucket, units in legs.values_list("entry_id", "point_type_id", "bucket").annotate(
        units=Sum("amount")
    ):
        moved.setdefault((entry_id, type_id), {})[bucket] = units
    for row in rows:
        for type_id, point_type in types.items():
            buckets = moved.get((entries.get(row.id, 0), type_id))
            if buckets is None:
                continue
            # What became usable only changed its bucket: the sum would be zero.
            parts = {Bucket.ACTIVE, Bucket.DEBT} if row.kind == EntryKind.ACTIVATE else set(buckets)
            units = sum(amount for bucket, amount in buckets.items() if bucket in parts)
            row.points.append(Amount(point_type.named(units), point_type.decimals, units))


def _add_rules(rows: Sequence[Happening], types: Mapping[str, PointType]) -> None:
    """By which rules a purchase earned what: from the decision that was stored with it."""
    purchases = {row.id: row for row in rows if row.kind == "purchase"}
    if not purchases:
        return
    decided = Evaluation.objects.filter(purchase_id__in=list(purchases), kind="purchase")
    for purchase_id, number, grants in decided.values_list("purchase_id", "snapshot_number", "outcome__grants"):
        row = purchases[purchase_id]
        names = rules.names_of_snapshot(number, row.at)
        given: dict[tuple[str, str], int] = {}
        for grant in grants:
            key = (grant["rule"], grant["type"])
            given[key] = given.get(key, 0) + grant["amount"]
        for (code, kind), units in given.items():
            point_type = types[kind]
            if point_type.is_spendable and units:
                row.rules.append((names.get(code, code), Amount(point_type.named(units), point_type.decimals, units)))


def _add_people(rows: Sequence[Happening]) -> None:
    by_hand = [row for row in rows if isinstance(row.subject, Entry) and row.subject.actor_kind == "user"]
    keys = {row.subject.actor_id for row in by_hand}
    people = {user.pk: str(user) for user in User.objects.filter(pk__in=keys)} if keys else {}
    for row in by_hand:
        row.who = people.get(row.subject.actor_id, "")


def _add_lots(rows: Sequence[Happening]) -> None:
    """Which earnings expired, by which rules they were earned and by which they ended."""
    expired = {row.id: row for row in rows if row.kind == EntryKind.EXPIRE}
    if not expired:
        return
    found = LotUse.objects.filter(entry_id__in=list(expired)).select_related("lot__wallet__point_type")
    uses = list(found.order_by("lot__earned_at", "lot_id"))
    names = rules.present_names(use.lot.rule for use in uses)
    endings = rules.expiries([use.lot for use in uses])
    for use in uses:
        expired[use.entry_id].uses.append((use, names.get(use.lot.rule, "")))
    for row in expired.values():
        own = [endings[use.lot_id] for use, _name in row.uses]
        row.expiry = own[0] if own and all(one == own[0] for one in own) else {}


def _add_causes(rows: Iterable[Happening]) -> None:
    """What other contexts know about their entries, such as the reward that was taken."""
    by_cause: dict[str, list[Entry]] = {}
    for row in rows:
        if isinstance(row.subject, Entry):
            by_cause.setdefault(row.subject.cause_kind, []).append(row.subject)
    words: dict[int, str] = {}
    for cause, entries in by_cause.items():
        words |= registries.describe_causes(cause, entries)
    for row in rows:
        row.what = words.get(row.id, "")


def _add_messages(rows: Sequence[Happening]) -> None:
    """Messages as their readers have them, with the name in its place, or why they were not sent."""
    told = [row for row in rows if row.kind == "message"]
    names = messaging.first_names(row.subject.member_id for row in told) if told else {}
    for row in told:
        name = {"first_name": names.get(row.subject.member_id, "")}
        row.subject.subject = placeholders.filled(row.subject.subject, name)
        row.what = placeholders.filled(row.subject.body, name)
        row.who = reason(row.subject.reason) if row.subject.reason else ""
