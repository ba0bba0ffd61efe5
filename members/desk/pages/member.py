"""One member: who they are, what they have, what happened to them and why."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from loyalty.kernel import clock, registries
from loyalty.kernel.errors import NotFound
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.paging import Part
from members.activity import queries as activity
from members.activity.models import Purchase
from members.activity.returnable import returnable_lines
from members.callers.pages.guard import ask_reason
from members.desk import services
from members.desk.forms import AdjustForm, CardForm, TierForm
from members.desk.queries import finding, history, lots, overview, standing
from members.profiles import contact
from members.profiles import queries as profiles
from members.profiles.models import Identifier, Member, MemberStatus
from programs.setup.models import PointType, Program

LOTS_SHOWN = 20
EXPIRIES_SHOWN = 4
LONGEST_KEY = 64
PANELS = "member"
FILTERS = (
    ("", gettext_lazy("All")),
    (history.PURCHASES, gettext_lazy("Purchases")),
    (history.SPENT, gettext_lazy("Spent")),
    (history.CHANGES, gettext_lazy("Changes")),
)


def crumbs(member: Member | None = None) -> list[tuple[Any, str]]:
    """The pages above a page of the desk."""
    trail = [(_("Member desk"), reverse("desk-find"))]
    if member is not None:
        trail.append((finding.name_of(member), reverse("desk-member", args=[member.public_id])))
    return trail


@require_safe
@staff.staff_page("members.view")
def show_member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The member's page, once a reason was given. Every look is recorded with who looked."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    services.record_view(member)
    account_id = profiles.primary_account(member.pk)
    program = Program.objects.get()
    may = menu.permissions(request)
    context = {
        "member": member,
        "name": finding.name_of(member),
        "contact": overview.contact_of(member, is_masked=True),
        "city": getattr(getattr(member, "personal", None), "city", ""),
        "balances": overview.balances(account_id, program),
        "expiries_shown": EXPIRIES_SHOWN,
        "standings": standing.standings(member, program, clock.now()),
        "cards": [(one, contact.masked_card(one.value)) for one in _identifiers(member)],
        "currency": program.currency,
        "held": profiles.spending_held(member.pk, clock.now()),
        "panels": _panels(request, member, may),
    }
    if "members.adjust" in may and member.status != MemberStatus.ERASED:
        context["adjust"] = AdjustForm(is_unlimited="adjustments.alone" in may, auto_id="adjust_%s")
    if "members.enroll" in may and member.status != MemberStatus.ERASED:
        context["card_form"] = CardForm(auto_id="card_%s")
    if "tiers.ask" in may and member.status != MemberStatus.ERASED:
        context |= _tier_form(context["standings"], may)
    context |= (
        _lots(request, account_id, program)
        if request.GET.get("tab") == "lots"
        else _history(request, member, account_id)
    )
    return staff.show(
        request, "desk/member.html", context, title=finding.name_of(member), crumbs=crumbs(),
        bar_help=_("Everything about one member. Open an entry to see why it gave what it gave."),
    )  # fmt: skip


def _tier_form(standings: Sequence[standing.StandingRow], may: frozenset[str]) -> dict[str, Any]:
    """The form that asks for a tier, where there is a higher one."""
    form = TierForm(auto_id="tier_%s", ranks={one.scheme.pk: one.tier.rank for one in standings})
    return {"may_give_tiers": "tiers.grant" in may, "tier_form": form if form.tiers else None}


def _panels(request: HttpRequest, member: Member, may: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {"template": panel.template, "context": panel.fill(request=request, member=member)}
        for panel in registries.panels(PANELS)
        if panel.permission in may
    ]


def _history(request: HttpRequest, member: Member, account_id: int) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in history.KINDS else ""
    stretch = history.history(
        member.pk, account_id, kind=kind, before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    return {
        "tab": "history",
        "rows": stretch.rows,
        "filters": [{"title": title, "link": _address(kind=value), "is_on": value == kind} for value, title in FILTERS],
        "previous_link": _address(kind=kind, before=stretch.before) if stretch.before else "",
        "next_link": _address(kind=kind, after=stretch.after) if stretch.after else "",
    }


def _address(**values: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return f"?{query.urlencode()}#history"


def _lots(request: HttpRequest, account_id: int, program: Program) -> dict[str, Any]:
    part = Part(lots.open_lots(account_id), ("-id",), request, LOTS_SHOWN)
    return {"tab": "lots", "lots": lots.described(part.rows, program.zone), **part.links(request)}


@require_safe
@staff.staff_page("members.view")
def show_receipt(request: HttpRequest, member_id: UUID, purchase_id: UUID) -> HttpResponse:
    """One purchase with the reason of each point; with ``part=receipt`` without the page around it."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    purchase = Purchase.objects.filter(public_id=purchase_id, member=member).first()
    if purchase is None:
        raise NotFound()
    services.record_receipt_view(purchase)
    types = {one.code: one for one in PointType.objects.order_by("position", "id")}
    returnable = returnable_lines(purchase.pk, clock.now())
    context = {
        "member": member,
        "purchase": activity.explain_purchase(purchase.pk),
        "returnable": returnable,
        "has_terms": any(one.words for one in returnable),
        "has_plain_lines": any(not one.words for one in returnable),
        "exchanged_for": activity.exchanged_for(purchase.source, purchase.external_id),
        "types": types,
        "main": next((one for one in types.values() if one.is_spendable), None),
    }
    if request.GET.get("part") == "receipt":
        return render(request, "desk/_receipt.html", context)
    title = _("Receipt %(number)s") % {"number": purchase.external_id}
    return staff.show(
        request, "desk/receipt.html", context, title=title, crumbs=crumbs(member),
        help_text=_("What was bought, what each line gave, and which promotions gave it or did not."),
    )  # fmt: skip


@require_POST
@staff.staff_page("members.view")
def reveal(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """E-mail, phone, birthday and cards in clear, for this answer only; recorded with who asked and why."""
    member = overview.member_of(member_id)
    if asked := ask_reason(request, member):
        return asked
    context = {
        "member": member,
        "contact": services.reveal_contact(member),
        "is_revealed": True,
        "shown_cards": _identifiers(member),
    }
    if request.GET.get("part") == "contact":
        return render(request, "desk/_contact.html", context)
    return staff.show(
        request, "desk/contact.html", context, title=_("Contact"), crumbs=crumbs(member),
        help_text=_("Shown for this once. It is written down that you looked."),
    )  # fmt: skip


def _identifiers(member: Member) -> list[Identifier]:
    return list(Identifier.objects.filter(member=member).order_by("pk"))


def new_key() -> str:
    """What makes a form post once."""
    return uuid4().hex


def sent_key(request: HttpRequest) -> str:
    """The key that a form sent; nothing when it is none of ours, which asks for the preview again."""
    key = request.POST.get("request_key", "")
    return key if key.isalnum() and key.isascii() and len(key) <= LONGEST_KEY else ""
