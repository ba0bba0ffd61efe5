"""Taking a reward for a member and canceling one: what it costs is said before it is done."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loyalty.kernel import clock, money, wording
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.pages import figures, staff
from members.callers import queries as callers
from members.callers.pages.guard import ask_reason, check_address
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from members.profiles import queries as profiles
from members.profiles.models import Member
from rewards.catalog.models import Reward
from rewards.redemption import queries, services
from rewards.redemption.forms import CancelForm, RedeemForm

CHANNEL = "desk"
LONGEST_KEY = 64


def _member(public_id: UUID) -> Member:
    member = Member.objects.filter(public_id=public_id).select_related("personal").first()
    if member is None:
        raise NotFound()
    return member


def _name(member: Member) -> str:
    personal = getattr(member, "personal", None)
    return (personal.full_name if personal else "") or member.number


def _page_of(member: Member) -> str:
    return reverse("desk-member", args=[member.public_id])


def _crumbs(member: Member) -> list[tuple[Any, str]]:
    return [(_("Member desk"), reverse("desk-find")), (_name(member), _page_of(member))]


def _balance(member: Member, reward: Reward) -> int:
    wallet = Wallet.objects.filter(
        account_id=profiles.primary_account(member.pk), point_type_id=reward.point_type_id
    ).first()
    return wallet.active - wallet.debt if wallet else 0


def _redeem(member: Member, reward: Reward, quantity: int, key: str, *, is_preview: bool) -> Any:
    return services.redeem_reward(
        member_id=member.pk, reward_id=reward.pk, quantity=quantity, request_key=f"desk:{key}", channel=CHANNEL,
        at=clock.now(), preview=is_preview,
    )  # fmt: skip


def _sent_key(request: HttpRequest) -> str:
    """The key that the form sent; nothing when it is none of ours, which asks again."""
    key = request.POST.get("request_key", "")
    return key if key.isalnum() and key.isascii() and len(key) <= LONGEST_KEY else ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("redemptions.make")
def redeem(request: HttpRequest, member_id: UUID, reward_id: UUID) -> HttpResponse:
    """What taking the reward costs and leaves; the deed once the form carries the key of that page."""
    member, reward = _member(member_id), queries.reward_of(reward_id)
    if asked := ask_reason(request, member):
        return asked
    key = _sent_key(request)
    given = request.POST if request.method == "POST" else request.GET
    form = RedeemForm(given if "quantity" in given else {"quantity": 1})
    quantity = form.cleaned_data["quantity"] if form.is_valid() else 1
    refused = ""
    if form.is_valid():
        try:
            done = _redeem(member, reward, quantity, key or uuid4().hex, is_preview=not key)
            if key:
                messages.success(
                    request, _("Taken: %(reward)s. The code is %(code)s.") % {"reward": reward, "code": done.code}
                )
                return HttpResponseRedirect(_page_of(member))
        except Refusal as refusal:
            refused = _explained(refusal, reward)
    balance, price = _balance(member, reward), reward.price * quantity
    context = {
        "member": member, "name": _name(member), "reward": reward, "form": form, "quantity": quantity, "price": price,
        "balance": balance, "after": balance - price, "refused": refused, "back": _page_of(member),
        "request_key": uuid4().hex, "is_ready": form.is_valid() and not refused,
        "is_checked": callers.check_in_force(member.pk) is not None, "check_address": check_address(request, member),
    }  # fmt: skip
    return staff.show(
        request, "redemption/redeem.html", context, title=_("Take a reward"), crumbs=_crumbs(member),
        help_text=_("The points go when you confirm, and not before."),
    )  # fmt: skip


def _explained(refusal: Refusal, reward: Reward) -> str:
    """The expected "no", with points as people read them."""
    if isinstance(refusal, ledger.InsufficientPoints):
        decimals = reward.point_type.decimals
        units = {name: money.to_units(refusal.facts[name], decimals) for name in ("available", "needed")}
        facts = {name: figures.points(amount, decimals) for name, amount in units.items()}
        text = _("Not enough: %(needed)s %(type)s are needed, %(available)s can be spent.")
        return text % {**facts, "type": reward.point_type}
    if isinstance(refusal, Malformed):
        return wording.sentence("out_of_range", {})
    return wording.sentence(refusal.code, {**refusal.facts, "reward": reward})


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("redemptions.cancel")
def cancel(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """Cancel a redemption whole, with the reason: points go back as they were."""
    redemption = queries.redemption_of(redemption_id)
    member, reward = redemption.member, redemption.reward
    if asked := ask_reason(request, member):
        return asked
    form = CancelForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel_redemption(
                redemption_id=redemption.pk, reason=form.cleaned_data["reason"],
                request_key=f"desk:{_sent_key(request) or uuid4().hex}", at=clock.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = wording.sentence(refusal.code, refusal.facts)
        else:
            points = figures.points(redemption.price, reward.point_type.decimals)
            facts = {"reward": reward, "points": points, "type": reward.point_type}
            messages.success(request, _("Canceled: %(reward)s. Given back: %(points)s %(type)s.") % facts)
            return HttpResponseRedirect(_page_of(member))
    context = {
        "member": member, "name": _name(member), "redemption": redemption, "reward": reward, "form": form,
        "refused": refused, "back": _page_of(member), "request_key": uuid4().hex,
    }  # fmt: skip
    return staff.show(
        request, "redemption/cancel.html", context, title=_("Cancel a reward"), crumbs=_crumbs(member),
        help_text=_("The points come back to the member as they were, with the dates at which they expire."),
    )  # fmt: skip
