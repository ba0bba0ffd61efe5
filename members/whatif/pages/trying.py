"""The test panel: a purchase or a sample basket, judged at once with the draft as it stands. Writes no purchase."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loyalty.kernel import clock, money, wording
from loyalty.kernel.errors import Malformed, NotFound
from loyalty.kernel.pages import menu, staff
from members.activity.models import Purchase
from members.callers.queries import shown_name
from members.profiles.models import Member
from members.whatif import drafts, forms, services, trying
from members.whatif.forms import PURCHASE, SAMPLE
from members.whatif.queries import trying as queries
from members.whatif.rulesets import Contest
from programs.catalog.models import Location
from programs.promotions import queries as promotions
from programs.rules.dates import local
from programs.setup.models import PointType, Program

LONGEST = 120


@require_safe
@staff.staff_page("promotions.edit")
def try_out(request: HttpRequest, code: str) -> HttpResponse:
    """The panel: alone for the designer's page, which asks for it again after each change of the draft."""
    context = _panel(request, code)
    if request.headers.get("HX-Request"):
        return render(request, "whatif/_try.html", context)
    promotion = context["draft"].promotion
    return staff.show(
        request,
        "whatif/try.html",
        context,
        title=_("Try it"),
        crumbs=[
            (_("Promotions"), reverse("promotions")),
            (str(promotion.name), reverse("promotion-design", args=[code])),
        ],
        help_text=_("Judged with the draft as it stands and with the rules of now. Nothing is written."),
    )


@require_safe
@staff.staff_page("promotions.edit")
def find_member(request: HttpRequest, code: str) -> HttpResponse:
    """Members to try the draft on, by what is typed; who may not look at members finds them by number alone."""
    promotions.promotion_of(code)
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    may_see = "members.view" in menu.permissions(request)
    people = queries.find(text, shows_personal=may_see) if text else []
    return render(
        request, "whatif/_people.html", {"people": people, "text": text, "may_see": may_see, "most": queries.MOST_FOUND}
    )


def _panel(request: HttpRequest, code: str) -> dict[str, Any]:
    draft = drafts.draft_of(code)
    program = Program.objects.get()
    may_see = "members.view" in menu.permissions(request)
    mode = SAMPLE if request.GET.get("mode") == SAMPLE else PURCHASE
    member = _member(request)
    context: dict[str, Any] = {
        "draft": draft,
        "mode": mode,
        "may_see": may_see,
        "member": member,
        "member_token": _signer(request).sign(str(member.public_id)) if member else "",
        "member_name": _called(member, may_see=may_see),
        "currency": program.currency,
        "exponent": money.exponent(program.currency),
    }
    contest = draft.contest(clock.now()) if draft.is_whole else None
    purchases = queries.last_purchases(member)
    chosen = next((one for one in purchases if str(one.public_id) == request.GET.get("purchase")), None)
    chosen = chosen or (purchases[0] if purchases else None)
    context |= {"purchases": purchases, "chosen": chosen, "zone": program.zone}
    if mode == PURCHASE:
        return context | (_of_purchase(chosen, contest, may_see=may_see) if contest else {})
    return context | _of_sample(request, member, chosen, contest, program, may_see=may_see)


def _of_purchase(chosen: Purchase | None, contest: Contest, *, may_see: bool) -> dict[str, Any]:
    found = queries.recorded(chosen, contest) if chosen else None
    if found is None:
        return {}
    one, context = found
    return {"lines": queries.basket(one), "one": one, **_judged(contest, context, may_see=may_see)}


def _of_sample(
    request: HttpRequest, member: Member | None, chosen: Purchase | None, contest: Contest | None, program: Program,
    *, may_see: bool,
) -> dict[str, Any]:  # fmt: skip
    exponent = money.exponent(program.currency)
    sample = forms.read_sample(request.GET)
    if not sample.lines and not request.GET.get("begun") and chosen and contest:
        found = queries.recorded(chosen, contest)
        code = chosen.location.code if chosen.location else ""
        at = local(clock.now(), program.zone).isoformat(timespec="minutes")
        sample = forms.Sample(forms.copied(found[0], exponent) if found else [], code, at)
    names = queries.product_names(line.sku for line in sample.lines)
    store = Location.objects.filter(code=sample.store).first() if sample.store else None
    context: dict[str, Any] = {
        "sample": sample,
        "sample_lines": [(line, names.get(line.sku, line.sku)) for line in sample.lines],
        "store": store,
    }
    if contest is None or not sample.lines:
        return context
    try:
        one = forms.purchase_of(sample, program.currency, exponent, program.zone, clock.now())
    except Malformed as refusal:
        field, problem = refusal.facts["errors"][0][:2]
        return context | {"problem": wording.sentence(problem, {}), "problem_at": field}
    return context | {"one": one} | _judged(contest, queries.imagined(one, member, contest), may_see=may_see)


def _judged(contest: Contest, context: Any, *, may_see: bool) -> dict[str, Any]:
    types = {one.code: one for one in PointType.objects.order_by("position", "id")}
    verdict = trying.judge(contest, context, shows_personal=may_see)
    return {
        "verdict": verdict,
        "gives": _amounts(verdict.gives, types),
        "others": [(rule, _amounts(rule.points, types)) for rule in verdict.others],
        "together": _amounts(verdict.points, types),
        "before": _amounts(verdict.before, types),
        "change": _amounts(verdict.change, types),
        "replaces": contest.replaces,
    }


def _amounts(points: Mapping[str, int], types: Mapping[str, PointType]) -> list[tuple[int, PointType]]:
    return [(points[code], point_type) for code, point_type in types.items() if points.get(code)]


def _called(member: Member | None, *, may_see: bool) -> str:
    if member is None:
        return ""
    return shown_name(member) if may_see else member.number


def _signer(request: HttpRequest) -> Signer:
    """A member in an address was opened by this person, which was written down."""
    return Signer(salt=f"whatif.member.{request.user.pk}")


def _member(request: HttpRequest) -> Member | None:
    if request.GET.get("forget"):
        return None
    choice = request.GET.get("choose")
    if choice:
        member = _by_public_id(choice)
        services.record_view(member)
        return member
    token = request.GET.get("member")
    try:
        return _by_public_id(_signer(request).unsign(token)) if token else None
    except BadSignature:
        return None


def _by_public_id(text: str) -> Member:
    try:
        found = Member.objects.select_related("personal").filter(public_id=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound()
    return found
