"""Selling for points: a later end, expired points, new points, points of another type. First the price, then the deed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from loyalty.kernel import audit, money, outbox
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations, outbox_types, prices
from members.ledger.models import Entry, PointSale, PriceKind, SaleKind, SaleState
from members.ledger.operations import adjusting, selling
from members.ledger.operations.selling import Part
from members.ledger.plans import WalletView
from members.ledger.transfers import MemberInactive
from members.profiles import own, restraining
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.rules.dates import start_of
from programs.setup.models import PointType, Program

ASKED = outbox.declare("point_sale.requested")
PAID = outbox.declare("point_sale.paid")
ENDED = outbox.declare("point_sale.ended")


class PriceChanged(Refusal):
    """The price is not the one that was agreed."""

    code = "ledger.price_changed"
    status = 409
    field = "price"


class PaymentMissing(Refusal):
    """Money was to be paid outside first: its payment must be named."""

    code = "ledger.payment_missing"
    field = "payment"


class SaleNotOpen(Refusal):
    """The sale does not wait for a payment, or is not paid: it was ended before."""

    code = "ledger.sale_ended"
    status = 409


class NotRefundable(Refusal):
    """Only bought points go back, and only within the days of their price list."""

    code = "ledger.not_refundable"
    status = 409


class ConvertsToNothing(Refusal):
    """So few points do not make the smallest part of the other type."""

    code = "ledger.converts_to_nothing"
    field = "points"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member wants: amounts in smallest units.

    ``until``: of what ends up to this day of the program the end moves (a later end). ``points``: how many come back (none:
    all that can), are bought, or are converted at most. ``pay_type_id``: the type of the points that pay; none: money, taken
    outside under ``payment``. Of bought points alone the payment may come later.
    """

    kind: str
    member_id: int
    point_type_id: int
    request_key: str
    points: int | None = None
    until: date | None = None
    pay_type_id: int | None = None
    payment: str = ""


@dataclass(slots=True)
class Offered:
    """A sale with the ends that it moves; not stored where it was only asked for its price."""

    sale: PointSale
    parts: Sequence[Part] = field(default_factory=list)
    is_replay: bool = False


def quote(wanted: Wanted, *, at: datetime) -> Offered:
    """What it would cost and do: the deed itself, rolled back. See :func:`sell` for the refusals."""
    return _sell(wanted, None, at=at, preview=True)


def sell(wanted: Wanted, *, price: int, at: datetime) -> Offered:
    """Sell at the ``price`` that was agreed, and move the points in the same transaction; once per request key.

    Bought points without a payment wait for it: nothing moves before :func:`settle`.

    :raises NotFound: no such member or point type here.
    :raises MemberInactive: the member is blocked.
    :raises prices.NotForSale: there is no price list or rate for it.
    :raises prices.AmountRefused: fewer or more than is sold at once.
    :raises prices.BeyondCap: more than a member may buy in the period.
    :raises selling.NothingToExtend: no such points end so soon, or often enough.
    :raises selling.NothingExpired: fewer points expired within the window.
    :raises operations.InsufficientPoints: the points that pay are not there.
    :raises operations.WalletFrozen: the self-audit holds one of the wallets.
    :raises PriceChanged: the price is another one now.
    :raises PaymentMissing: paid in money, and no payment is named.
    :raises restraining.ContactChangedRecently: paid with points, and the member's e-mail or phone changed lately.
    :raises own.OwnAccount: the user in scope takes part in the account.
    """
    return _sell(wanted, price, at=at, preview=False)


def _sell(wanted: Wanted, price: int | None, *, at: datetime, preview: bool) -> Offered:
    _check(wanted)
    with unit_of_work(preview=preview):
        earlier = PointSale.objects.filter(request_key=wanted.request_key).first()
        if earlier is not None:
            return Offered(earlier, is_replay=True)
        _member(wanted.member_id)
        account_id = profiles.primary_account(wanted.member_id)
        own.refuse_own(account_id)
        if wanted.pay_type_id is not None:
            restraining.refuse_held(wanted.member_id, at=at)
        types = [wanted.point_type_id, *([wanted.pay_type_id] if wanted.pay_type_id is not None else [])]
        if PointType.objects.filter(pk__in=types, archived_at__isnull=True).count() != len(set(types)):
            raise NotFound()
        wallets = {kind: adjusting.open_wallet(account_id, kind).pk for kind in types}
        views = selling.lock_for_sale(list(wallets.values()))
        # Whoever held the lock before may have made the same sale.
        earlier = PointSale.objects.filter(request_key=wanted.request_key).first()
        if earlier is not None:
            return Offered(earlier, is_replay=True)
        offered = _priced(wanted, account_id, wallets[wanted.point_type_id], at)
        sale = offered.sale
        if price is not None and price != sale.price:
            raise PriceChanged(price=money.to_text(sale.price, price_decimals(sale.pay_type_id)))
        if price is not None and sale.pay_type_id is None and not wanted.payment and wanted.kind != SaleKind.BUY:
            raise PaymentMissing()
        sale.save()
        sale.refresh_from_db()
        if sale.pay_type_id is not None or wanted.payment or preview:
            _carry_out(sale, offered.parts, {one.point_type_id: one for one in views.values()}, at)
        audit.record(f"point_sale.{sale.state}", sale, changes={"points": (0, sale.points), "price": (0, sale.price)})
        kind = PAID if sale.state == SaleState.PAID else ASKED
        outbox.add(kind, subject="point_sale", subject_id=sale.pk, at=at, account_id=account_id)
    return offered


def _check(wanted: Wanted) -> None:
    assert wanted.kind in SaleKind.values, f"nobody sells {wanted.kind}"
    wrong = []
    if wanted.kind == SaleKind.EXTEND and wanted.until is None:
        wrong.append(("until", "required"))
    if wanted.kind in {SaleKind.BUY, SaleKind.CONVERT} and wanted.points is None:
        wrong.append(("points", "required"))
    if wanted.points is not None and (wanted.points <= 0 or wanted.kind == SaleKind.EXTEND):
        wrong.append(("points", "out_of_range"))
    if wanted.kind == SaleKind.CONVERT and wanted.pay_type_id in {None, wanted.point_type_id}:
        wrong.append(("pay", "required"))
    if wrong:
        raise Malformed(errors=wrong)


def _member(member_id: int) -> Member:
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    if not member.is_active:
        raise MemberInactive(number=member.number)
    return member


def _priced(wanted: Wanted, account_id: int, wallet_id: int, at: datetime) -> Offered:
    """The sale as it would be stored, with the ends that it moves."""
    program = Program.objects.get()
    sale = PointSale(
        program_id=program.pk, kind=wanted.kind, member_id=wanted.member_id, account_id=account_id,
        point_type_id=wanted.point_type_id, pay_type_id=wanted.pay_type_id, request_key=wanted.request_key,
        payment=wanted.payment, state=SaleState.PENDING, asked_at=at,
        currency=program.currency if wanted.pay_type_id is None else "",
    )  # fmt: skip
    if wanted.kind == SaleKind.CONVERT:
        assert wanted.pay_type_id is not None, "checked before"
        assert wanted.points is not None, "checked before"
        sale.rate = prices.rate_for(wanted.pay_type_id, wanted.point_type_id, at.astimezone(program.zone).date())
        sale.price, sale.points = prices.converted(sale.rate, wanted.points)
        if not sale.points:
            raise ConvertsToNothing()
        return Offered(sale)
    priced = prices.list_for(wanted.kind, wanted.point_type_id, wanted.pay_type_id)
    parts: list[Part] = []
    if wanted.kind == PriceKind.EXTEND:
        assert wanted.until is not None, "checked before"
        parts = selling.endings(priced, wallet_id, start_of(wanted.until + timedelta(days=1), program.zone), at)
    elif wanted.kind == PriceKind.REINSTATE:
        parts = selling.expired(priced, wallet_id, wanted.points, at)
    points = sum(one.points for one in parts) if parts else wanted.points
    assert points is not None, "bought points are counted"
    sale.price_list, sale.points, sale.price = priced, points, prices.price_of(priced, points)
    prices.refuse_beyond_cap(priced, account_id, points, at)
    return Offered(sale, parts)


def price_decimals(pay_type_id: int | None) -> int:
    """How many decimals a price has: those of the points that pay, or of the program's money."""
    if pay_type_id is None:
        return Program.objects.get().exponent
    return int(PointType.objects.values_list("decimals", flat=True).get(pk=pay_type_id))


def _carry_out(sale: PointSale, parts: Sequence[Part], views: dict[int, WalletView], at: datetime) -> None:
    """Take the points that pay, move what was sold, and note both on the sale."""
    wallet = views[sale.point_type_id]
    if sale.kind == SaleKind.CONVERT:
        assert sale.pay_type_id is not None
        sale.entry = selling.convert(sale, views[sale.pay_type_id], wallet, at)
    else:
        if sale.pay_type_id is not None:
            cause = operations.Cause(selling.CAUSE, sale.pk, f"sale:{sale.pk}")
            sale.payment_entry = operations.spend(views[sale.pay_type_id].id, sale.price, cause=cause, at=at)
        sale.entry = _given(sale, operations.lock_wallets([wallet.id])[wallet.id], parts, at)
    sale.state, sale.paid_at = SaleState.PAID, at
    sale.save(update_fields=["points", "state", "paid_at", "payment", "entry", "payment_entry"])
    outbox_types.add_posted(sale.entry, at)


def _given(sale: PointSale, wallet: WalletView, parts: Sequence[Part], at: datetime) -> Entry:
    if sale.kind == SaleKind.EXTEND:
        return selling.extend(sale, parts, at)
    if sale.kind == SaleKind.REINSTATE:
        return selling.reinstate(sale, wallet, parts, at)
    return selling.give_bought(sale, wallet, at)


def settle(sale_id: int, *, payment: str, at: datetime) -> PointSale:
    """The payment that a sale waited for was taken: the points are given now. The same payment again changes nothing.

    :raises NotFound: no such sale here.
    :raises PaymentMissing: no payment is named.
    :raises SaleNotOpen: it was paid by another payment, or canceled.
    :raises MemberInactive: the member is blocked meanwhile.
    :raises own.OwnAccount: the user in scope takes part in the account.
    """
    if not payment.strip():
        raise PaymentMissing()
    with unit_of_work():
        sale, wallet = _locked(sale_id)
        if sale.state == SaleState.PAID and sale.payment == payment:
            return sale
        if sale.state != SaleState.PENDING:
            raise SaleNotOpen(state=sale.get_state_display())
        _member(sale.member_id)
        own.refuse_own(sale.account_id)
        sale.payment = payment
        _carry_out(sale, (), {sale.point_type_id: wallet}, at)
        audit.record("point_sale.paid", sale, changes={"state": (SaleState.PENDING, SaleState.PAID)})
        outbox.add(PAID, subject="point_sale", subject_id=sale.pk, at=at, account_id=sale.account_id)
    return sale


def cancel(sale_id: int, *, reason: str, at: datetime) -> PointSale:
    """A sale that waits for its payment is called off; nothing had moved. Again changes nothing.

    :raises NotFound: no such sale here.
    :raises SaleNotOpen: it was paid.
    """
    with unit_of_work():
        sale, _wallet = _locked(sale_id)
        if sale.state == SaleState.CANCELED:
            return sale
        if sale.state != SaleState.PENDING:
            raise SaleNotOpen(state=sale.get_state_display())
        _end(sale, SaleState.CANCELED, reason, at)
    return sale


def refund(sale_id: int, *, reason: str, at: datetime) -> PointSale:
    """The payment of bought points was given back: the points are taken back, first those of the sale. Again changes nothing.

    What was spent meanwhile becomes a debt or is written off, as the program does it with returns.

    :raises NotFound: no such sale here.
    :raises NotRefundable: not bought points, or the days of its price list are over.
    :raises SaleNotOpen: it was never paid.
    """
    with unit_of_work():
        sale, wallet = _locked(sale_id)
        if sale.state == SaleState.REFUNDED:
            return sale
        if sale.state != SaleState.PAID:
            raise SaleNotOpen(state=sale.get_state_display())
        if not is_refundable(sale, at):
            raise NotRefundable()
        sale.refund_entry = selling.take_back_bought(sale, wallet, at)
        outbox_types.add_posted(sale.refund_entry, at)
        _end(sale, SaleState.REFUNDED, reason, at)
    return sale


def is_refundable(sale: PointSale, at: datetime) -> bool:
    """Whether the points of a paid sale can go back."""
    if sale.kind != SaleKind.BUY or sale.paid_at is None or sale.price_list is None:
        return False
    return at < sale.paid_at + timedelta(days=sale.price_list.refund_days)


def _end(sale: PointSale, state: SaleState, reason: str, at: datetime) -> None:
    before, sale.state, sale.ended_at, sale.end_reason = sale.state, state, at, reason
    sale.save(update_fields=["state", "ended_at", "end_reason", "refund_entry"])
    audit.record(f"point_sale.{state}", sale, changes={"state": (before, state)}, reason=reason)
    outbox.add(ENDED, subject="point_sale", subject_id=sale.pk, at=at, account_id=sale.account_id)


def _locked(sale_id: int) -> tuple[PointSale, WalletView]:
    """The sale and the wallet of its points, both locked, the wallet first."""
    found = PointSale.objects.filter(pk=sale_id).first()
    if found is None:
        raise NotFound()
    wallet = adjusting.open_wallet(found.account_id, found.point_type_id)
    view = operations.lock_wallets([wallet.pk])[wallet.pk]
    sale: PointSale = (
        PointSale.objects.select_for_update(no_key=True, of=("self",)).select_related("price_list").get(pk=found.pk)
    )
    return sale, view


def sale_of(public_id: UUID) -> PointSale:
    """The sale with this public id.

    :raises NotFound: none here.
    """
    found = PointSale.objects.filter(public_id=public_id).select_related("point_type", "pay_type", "member").first()
    if found is None:
        raise NotFound()
    return found
