"""What the test panel offers to try a draft on: members, their last purchases, and what the rules read about one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from loyalty.kernel import secrecy
from members.activity import periods, replay
from members.activity.models import Evaluation, Purchase
from members.activity.replay import Past, Recorded
from members.activity.state import MemberState
from members.callers.queries import masked_name
from members.profiles import contact
from members.profiles import queries as profiles
from members.profiles.models import Identifier, IdentifierKind, IdentifierState, Member
from members.whatif.rulesets import Contest
from programs.catalog.models import Product
from programs.promotions.models import LimitCounter
from programs.rules import Context, needs

MOST_FOUND = 6
LAST_PURCHASES = 12
CARD_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the search shows them: enough to tell them apart, the numbers masked."""

    member: Member
    name: str
    card: str
    phone: str


def find(text: str, *, shows_personal: bool) -> list[Person]:
    """Members by card, phone, e-mail, number or a part of the name.

    Without ``shows_personal`` a member is found by their number or a whole card alone, and shown by their number.
    """
    if not shows_personal:
        return [Person(one, one.number, "", "") for one in _by_number(text)]
    members = list(profiles.search(text, most=MOST_FOUND))
    cards = Identifier.objects.filter(
        member__in=members, kind=IdentifierKind.CARD, state=IdentifierState.ACTIVE
    ).order_by("pk")
    masked = {row.member_id: f"•••• {row.value[-CARD_SHOWN:]}" for row in cards}
    return [Person(one, masked_name(one), masked.get(one.pk, ""), _phone(one)) for one in members]


def _by_number(text: str) -> list[Member]:
    form = contact.card_form(text)
    cards = Identifier.objects.filter(value=form, state=IdentifierState.ACTIVE).values_list("member_id", flat=True)
    return list(Member.objects.filter(Q(number=text.upper()) | Q(pk__in=list(cards)))[:MOST_FOUND])


def _phone(member: Member) -> str:
    personal = getattr(member, "personal", None)
    if personal is None or not personal.phone_sealed:
        return ""
    return contact.masked_phone(secrecy.unseal(personal.phone_sealed, program_id=member.program_id))


def last_purchases(member: Member | None) -> list[Purchase]:
    """The last purchases of a member, or of anybody, of which something was kept; the newest first."""
    rows = Purchase.objects.filter(is_returned=False).select_related("location")
    if member is not None:
        return list(rows.filter(member=member).order_by("-occurred_at", "-pk")[:LAST_PURCHASES])
    return list(rows.order_by("-occurred_date", "-pk")[:LAST_PURCHASES])


def recorded(purchase: Purchase, contest: Contest) -> tuple[Recorded, Context] | None:
    """A recorded purchase as the rules read it; nothing when it is gone meanwhile.

    What limits had left is taken from the decision that was stored with it.
    """
    depth = replay.depth_of([contest.drafted, contest.live], purchase.occurred_date)
    past = replay.load([purchase.member_id], contest.frozen, since=purchase.occurred_at, depth=depth)[
        purchase.member_id
    ]
    place = next((index for index, one in enumerate(past.purchases) if one.id == purchase.pk), None)
    if place is None:
        return None
    stored = Evaluation.objects.filter(purchase=purchase, kind="purchase").values_list(
        "context__used_limits", flat=True
    )
    used: Mapping[str, int] = stored.first() or {}
    one = past.purchases[place]
    return one, replay.context_of(past, one, place, contest.frozen, used, depth)


def imagined(one: Recorded, member: Member | None, contest: Contest) -> Context:
    """What the rules read about a purchase that nobody made, by a member or by somebody new."""
    depth = replay.depth_of([contest.drafted, contest.live], one.day)
    if member is None:
        past = Past(nobody(one.at))
    else:
        past = replay.load([member.pk], contest.frozen, since=one.at, depth=depth)[member.pk]
    place = sum(earlier.at < one.at for earlier in past.purchases)
    used = _used(past, one, contest) if member else {}
    return replay.context_of(past, one, place, contest.frozen, used, depth)


def nobody(at: datetime) -> MemberState:
    """Somebody who has just joined and of whom nothing is known."""
    return MemberState(0, 0, is_active=True, birthday=None, attributes={}, wallets={}, enrolled_at=at)


def _used(past: Past, one: Recorded, contest: Contest) -> dict[str, int]:
    """What is used of the limits that may cut this purchase."""
    wanted = needs(contest.drafted, one.purchase, past.state.view(contest.frozen, one.at)).limits
    ids = {"member_id": past.state.member_id, "account_id": past.state.account_id}
    keys = {need.counter: periods.read_counters(need, one.day, **ids) for need in wanted}
    flat = {key for counters in keys.values() for key in counters}
    if not flat:
        return {}
    rows = LimitCounter.objects.filter(
        scope_key__any={key[1] for key in flat}, period_key__any={key[2] for key in flat}
    ).values_list("limit", "scope_key", "period_key")
    counted = {tuple(row[:3]): int(row[3]) for row in rows.annotate(total=Sum("used"))}
    return {counter: sum(counted.get(key, 0) for key in found) for counter, found in keys.items()}


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line for the reader: amounts in minor units."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    amount: int


def basket(one: Recorded) -> list[BasketLine]:
    """The lines of a purchase with the names of their products."""
    names = product_names(line.sku or "" for line in one.purchase.lines)
    return [
        BasketLine(line.sku or "", names.get(line.sku or "", line.sku or ""), line.qty, line.unit, line.paid)
        for line in one.purchase.lines
    ]


def product_names(skus: Iterable[str]) -> dict[str, str]:
    """Names of products by SKU; unknown ones are left out."""
    return {str(sku): str(name) for sku, name in Product.objects.filter(sku__any=set(skus)).values_list("sku", "name")}
