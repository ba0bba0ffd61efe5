"""Correcting a balance by hand: first what it will do, then the deed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, money, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import figures, menu, staff
from members.callers.pages.guard import ask_reason
from members.desk.forms import AdjustForm
from members.desk.pages.member import crumbs, new_key, sent_key
from members.desk.queries import finding, overview, people
from members.ledger import operations as ledger_operations
from members.ledger import requests
from members.ledger import services as ledger
from members.profiles import queries as profiles
from members.profiles.models import Member, MemberStatus
from programs.rules import life
from programs.setup.models import PointType, Program

ASK = "ask"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a correction will do: smallest units of its point type."""

    point_type: PointType
    units: int
    before: int
    after: int
    usable_until: date | None
    repays: int

    @property
    def size(self) -> int:
        """The amount without its sign."""
        return abs(self.units)


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("members.adjust")
def adjust(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The form, its preview, and the correction itself once the form carries the key of a preview."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    if member.status == MemberStatus.ERASED:
        raise NotFound()
    account_id = profiles.primary_account(member.pk)
    is_unlimited = "adjustments.alone" in menu.permissions(request)
    form = AdjustForm(request.POST or None, is_unlimited=is_unlimited, auto_id="adjust_%s")
    preview = refused = None
    if request.method == "POST" and form.is_valid():
        key = sent_key(request)
        try:
            if key and ASK in request.POST:
                _ask(form, member, key)
                messages.success(request, _("Asked for. A supervisor decides; nothing was posted yet."))
                return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
            if key:
                _post(form, account_id, is_unlimited, key, is_preview=False)
                _tell(request, form, member, account_id)
                return HttpResponseRedirect(reverse("desk-member", args=[member.public_id]))
            _post(form, account_id, is_unlimited, new_key(), is_preview=True)
            preview = _preview(form, account_id)
        except Refusal as refusal:
            refused = _explained(refusal, form)
    context = {
        "member": member,
        "name": finding.name_of(member),
        "form": form,
        "preview": preview,
        "request_key": new_key(),
        "refused": refused,
    }
    return staff.show(
        request, "desk/adjust.html", context, title=_("Adjust points"), crumbs=crumbs(member),
        help_text=_("Look before you post. What is beyond your limit waits for a supervisor."),
    )  # fmt: skip


def _post(form: AdjustForm, account_id: int, is_unlimited: bool, key: str, *, is_preview: bool) -> None:
    ledger.adjust_points(
        account_id=account_id,
        point_type_id=form.chosen_type.pk,
        amount=form.units,
        reason_id=form.chosen_reason.pk,
        note=form.cleaned_data["note"],
        request_key=f"desk:{key}",
        is_unlimited=is_unlimited,
        at=clock.now(),
        preview=is_preview,
    )


def _ask(form: AdjustForm, member: Member, key: str) -> None:
    """File the correction for a supervisor."""
    requests.request_adjustment(
        member_id=member.pk,
        point_type_id=form.chosen_type.pk,
        amount=form.units,
        reason_id=form.chosen_reason.pk,
        note=form.cleaned_data["note"],
        request_key=f"desk:{key}",
        at=clock.now(),
    )


def _preview(form: AdjustForm, account_id: int) -> Preview:
    program = Program.objects.get()
    balance = next(one for one in overview.balances(account_id, program) if one.point_type == form.chosen_type)
    is_credit = form.units > 0
    ends_at = life.ends_at(form.chosen_type.expiry, clock.now(), program.timezone) if is_credit else None
    return Preview(
        point_type=form.chosen_type,
        units=form.units,
        before=balance.shown,
        after=balance.shown + form.units,
        usable_until=overview.last_day(ends_at, program.zone) if ends_at else None,
        repays=min(balance.debt, form.units * program.debt_share // 100) if is_credit else 0,
    )


def _tell(request: HttpRequest, form: AdjustForm, member: Member, account_id: int) -> None:
    """Say what was done and what there is now."""
    kind = form.chosen_type
    balance = next(one for one in overview.balances(account_id, Program.objects.get()) if one.point_type == kind)
    facts = {
        "amount": figures.points(abs(form.units), kind.decimals),
        "type": kind,
        "name": finding.name_of(member),
        "balance": figures.points(balance.shown, kind.decimals),
    }
    if form.units > 0:
        text = _("Given to %(name)s: %(amount)s %(type)s. The balance is %(balance)s.")
    else:
        text = _("Taken from %(name)s: %(amount)s %(type)s. The balance is %(balance)s.")
    messages.success(request, text % facts)


def _shown(refusal: Refusal, kind: PointType, *names: str) -> dict[str, str]:
    """Facts of a refusal, decimal text of a point type, in the reader's notation."""
    units = {name: money.to_units(refusal.facts[name], kind.decimals) for name in names}
    return {name: figures.points(amount, kind.decimals) for name, amount in units.items()}


def _explained(refusal: Refusal, form: AdjustForm) -> dict[str, Any]:
    """The expected "no" in words, with figures as people read them and who can help."""
    kind = form.chosen_type
    if isinstance(refusal, ledger.AboveDailySum):
        facts = {name: figures.number(Decimal(refusal.facts[name])) for name in ("limit", "left", "asked")}
        text = _(
            "You may correct %(limit)s points a day, all reasons together; %(left)s are left for today and you asked for "
            "%(asked)s."
        )
        return {"text": text % facts, "supervisors": people.supervisors(), "is_above_limit": True}
    if isinstance(refusal, ledger.AboveLimit):
        facts = _shown(refusal, kind, "limit", "asked")
        text = _("Your limit with this reason is %(limit)s %(type)s at once; you asked for %(asked)s.")
        return {"text": text % {**facts, "type": kind}, "supervisors": people.supervisors(), "is_above_limit": True}
    if isinstance(refusal, ledger_operations.InsufficientPoints):
        facts = _shown(refusal, kind, "available", "needed")
        text = _("Only %(available)s %(type)s can be taken; you asked for %(needed)s.")
        return {"text": text % {**facts, "type": kind}}
    return {"text": wording.sentence(refusal.code, refusal.facts)}
