"""Selling for points at the desk: first what it costs and moves, then the deed; payments and refunds of what was sold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, money, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.pages import figures, menu, staff
from loyalty.kernel.pages.forms import WordsField
from loyalty.kernel.registries import Panel
from members.callers.pages.guard import ask_reason
from members.desk.pages.member import crumbs, new_key, sent_key
from members.desk.queries import finding, overview
from members.ledger import sales
from members.ledger.models import ConversionRate, PointSale, PriceList, SaleKind, SaleState
from members.ledger.sales import Offered, Wanted
from members.profiles.models import Member, MemberStatus
from programs.setup.models import PointType, Program

TITLES = {
    SaleKind.EXTEND: gettext_lazy("Sell a later end"),
    SaleKind.REINSTATE: gettext_lazy("Sell expired points back"),
    SaleKind.BUY: gettext_lazy("Sell points"),
    SaleKind.CONVERT: gettext_lazy("Convert points"),
}
NEWEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen: which points, and what pays for them."""

    point_type: PointType
    pay_type: PointType | None

    @property
    def key(self) -> str:
        return f"{self.point_type.pk}-{self.pay_type.pk if self.pay_type else ''}"


def offers(kind: str) -> dict[str, Offer]:
    """What is for sale, by key."""
    if kind == SaleKind.CONVERT:
        rows = ConversionRate.objects.select_related("from_type", "to_type").order_by("pk")
        found = [Offer(row.to_type, row.from_type) for row in rows]
    else:
        lists = PriceList.objects.filter(kind=kind, archived_at__isnull=True).select_related("point_type", "pay_type")
        found = [Offer(row.point_type, row.pay_type) for row in lists.order_by("pk")]
    return {one.key: one for one in found}


class SaleForm(forms.Form):
    """What is sold and for what; which fields there are follows from the kind."""

    offer = forms.ChoiceField(label=gettext_lazy("What"))
    until = forms.DateField(
        label=gettext_lazy("Points that end up to"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("All that end up to this day get a later end."),
    )
    points = forms.CharField(
        label=pgettext_lazy("points", "Amount"),
        max_length=24,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    payment = forms.CharField(
        label=gettext_lazy("Payment"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("The number of the payment of money that was taken."),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.offers = kind, offers(kind)
        chosen = self.fields["offer"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(key, self._label(one)) for key, one in self.offers.items()]
        del self.fields["points" if kind == SaleKind.EXTEND else "until"]
        if kind == SaleKind.CONVERT:
            del self.fields["payment"]
            self.fields["points"].help_text = _("At most so many are taken; what becomes nothing whole stays.")
        if kind == SaleKind.REINSTATE:
            self.fields["points"].required = False
            self.fields["points"].help_text = _("Empty: all that can come back.")
        if kind == SaleKind.BUY:
            self.fields["payment"].help_text = _("Empty: the points are given when the payment has come.")

    def _label(self, one: Offer) -> str:
        if self.kind == SaleKind.CONVERT:
            return _("%(from)s to %(to)s") % {"from": one.pay_type, "to": one.point_type}
        paid_in = one.pay_type or Program.objects.get().currency
        return _("%(type)s, paid in %(paid_in)s") % {"type": one.point_type, "paid_in": paid_in}

    def clean(self) -> dict[str, Any]:
        """The amount in smallest units of the type that is counted, as ``units``."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["units"] = None
        typed = "".join(str(cleaned.get("points") or "").split()).replace(",", ".")
        if typed and "offer" in cleaned:
            one = self.offers[cleaned["offer"]]
            counted = one.pay_type if self.kind == SaleKind.CONVERT and one.pay_type is not None else one.point_type
            try:
                cleaned["units"] = money.to_units(typed, counted.decimals)
            except Malformed as refusal:
                self.add_error("points", wording.sentence(refusal.facts["errors"][0][1], {}))
            else:
                if cleaned["units"] <= 0:
                    self.add_error("points", _("Enter an amount above zero."))
        return cleaned

    def wanted(self, member: Member, key: str) -> Wanted:
        """What a valid form asks for."""
        one = self.offers[self.cleaned_data["offer"]]
        return Wanted(
            kind=self.kind, member_id=member.pk, point_type_id=one.point_type.pk, request_key=f"desk:{key}",
            points=self.cleaned_data["units"], until=self.cleaned_data.get("until"),
            pay_type_id=one.pay_type.pk if one.pay_type else None, payment=self.cleaned_data.get("payment", ""),
        )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.adjust")
def sell(request: HttpRequest, member_id: UUID, kind: str) -> HttpResponse:
    """The form, what it would cost and move, and the sale itself once the form carries the price that was shown."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if member.status == MemberStatus.ERASED or kind not in SaleKind.values:
        raise NotFound()
    form = SaleForm(request.POST or None, kind=kind, auto_id="sale_%s")
    offered: Offered | None = None
    refused = ""
    if request.method == "POST" and form.is_valid():
        key, price, now = sent_key(request), request.POST.get("price", ""), clock.now()
        try:
            if key and price.isascii() and price.isdigit():
                done = sales.sell(form.wanted(member, key), price=int(price), at=now)
                _tell(request, done.sale)
                return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
            offered = sales.quote(form.wanted(member, new_key()), at=now)
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
    title = TITLES[SaleKind(kind)]
    context = {
        "member": member, "name": finding.name_of(member), "form": form, "offered": offered, "refused": refused,
        "request_key": new_key(), "heading": title, "kind": kind, "needs_payment": _needs_payment(form, offered),
        "moved": _moved(offered),
    }  # fmt: skip
    return staff.show(
        request, "desk/sale.html", context, title=title, crumbs=crumbs(member),
        help_text=_("First what it costs and moves. Nothing moves before you agree with the member on the price."),
    )  # fmt: skip


def _moved(offered: Offered | None) -> list[tuple[int, date, date]]:
    """What gets a new last day, by the last days before and after: points, and both days of the program."""
    zone, sums = Program.objects.get().zone, dict[tuple[date, date], int]()
    for part in offered.parts if offered else ():
        days = overview.last_day(part.before, zone), overview.last_day(part.after, zone)
        sums[days] = sums.get(days, 0) + part.points
    return [(points, *days) for days, points in sorted(sums.items())]


def _needs_payment(form: SaleForm, offered: Offered | None) -> bool:
    if offered is None or offered.sale.pay_type_id is not None or form.kind == SaleKind.BUY:
        return False
    return not form.cleaned_data.get("payment")


def price_words(sale: PointSale) -> str:
    """What a sale costs, in money or points."""
    if sale.pay_type is not None:
        return str(figures.points_of(sale.price, sale.pay_type))
    return str(figures.money(sale.price, sale.currency))


def _tell(request: HttpRequest, sale: PointSale) -> None:
    facts = {"what": sale.get_kind_display(), "points": figures.points_of(sale.points, sale.point_type),
             "price": price_words(sale)}  # fmt: skip
    if sale.state == SaleState.PENDING:
        text = _("%(what)s: %(points)s for %(price)s. The points are given when the payment has come.")
    else:
        text = _("%(what)s: %(points)s for %(price)s.")
    messages.success(request, text % facts)


class EndForm(forms.Form):
    """The payment that came, or why the sale ends."""

    note = WordsField(
        label=gettext_lazy("Payment, or reason"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("The number of the payment that has come, or why it is refunded or canceled."),
    )


DEEDS: Mapping[str, Callable[[int, str, datetime], PointSale]] = {
    "pay": lambda key, note, at: sales.settle(key, payment=note, at=at),
    "refund": lambda key, note, at: sales.refund(key, reason=note, at=at),
    "cancel": lambda key, note, at: sales.cancel(key, reason=note, at=at),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.adjust_unlimited")
def end(request: HttpRequest, member_id: UUID, sale_id: UUID) -> HttpResponse:
    """One sale: note its payment, refund it, or call it off."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    sale = sales.sale_of(sale_id)
    if sale.member_id != member.pk:
        raise NotFound()
    now = clock.now()
    form = EndForm(request.POST or None, auto_id="end_%s")
    refused = ""
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is not None and form.is_valid():
        try:
            deed(sale.pk, form.cleaned_data["note"], now)
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            messages.success(request, _("Noted. The balance shows it."))
            return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
    context = {
        "member": member, "name": finding.name_of(member), "sale": sale, "form": form, "refused": refused,
        "price": price_words(sale), "is_open": sale.state == SaleState.PENDING,
        "is_refundable": sale.state == SaleState.PAID and sales.is_refundable(sale, now),
    }  # fmt: skip
    return staff.show(
        request, "desk/sale_end.html", context, title=_("Sale of points"), crumbs=crumbs(member),
        help_text=_("Money goes its own way: here you note that it came, or that it was given back."),
    )  # fmt: skip


def _kinds() -> list[SaleKind]:
    """The kinds that have a price or a rate."""
    found = set(PriceList.objects.filter(archived_at__isnull=True).values_list("kind", flat=True).distinct())
    found |= {SaleKind.CONVERT} if ConversionRate.objects.exists() else set()
    return [kind for kind in SaleKind if kind in found]


def fill(*, request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """What can be sold to the member, and what was sold last."""
    rows = PointSale.objects.filter(member=member).select_related("point_type", "pay_type").order_by("-pk")
    may_sell = member.status != MemberStatus.ERASED
    return {
        "member": member,
        "kinds": [(kind, TITLES[kind]) for kind in _kinds() if may_sell],
        "sales": [(row, price_words(row)) for row in rows[:NEWEST_SHOWN]],
        "may_end": "members.adjust_unlimited" in menu.permissions(request),
    }


PANEL = Panel(page="member", position=6, template="desk/_sales.html", fill=fill, permission="members.adjust")
