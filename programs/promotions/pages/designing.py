"""The Promo Designer: a sentence on top, steps with fields, each change saved in the draft at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods

from loyalty.kernel import registries
from loyalty.kernel.errors import Malformed, Refusal
from loyalty.kernel.pages import menu, staff
from programs.promotions import picking, queries, sentence, services
from programs.promotions.design import edit_of, edited, gallery, grants, kept, normal, read, tidied
from programs.promotions.design.checking import placed
from programs.promotions.design.shape import Palette, parts
from programs.promotions.forms import BeginForm
from programs.promotions.models import Promotion, PromotionVersion, VersionState
from programs.rules.language import Problem
from programs.setup.models import Program

# Where other contexts may put panels (registries.Panel): beside the steps and below them. What fills them is called with
# ``request`` and ``promotion``; a panel that follows the draft listens for ``design-saved`` on the body.
SIDE, FOOT = "promotion-design-side", "promotion-design-foot"
SAVED = "design-saved"
UNDONE, MOST_UNDONE = "design-undone", 20


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def begin(request: HttpRequest) -> HttpResponse:
    """A new promotion: from a template of the gallery, or from nothing."""
    form = BeginForm(request.POST or None)
    chosen = request.POST.get("template") or request.GET.get("template") or ""
    if request.method == "POST" and form.is_valid():
        try:
            made = services.begin_promotion(
                code=form.cleaned_data["code"],
                name=form.cleaned_data["name"],
                document=gallery.document_of(chosen, queries.first_point_type()),
            )
        except Malformed:
            form.add_error("code", _("This code is taken."))
        else:
            return redirect("promotion-design", made.code)
    return staff.show(
        request,
        "promotions/design/begin.html",
        {"form": form, "templates": gallery.templates(), "chosen": chosen},
        title=_("New promotion"),
        crumbs=[(_("Promotions"), reverse("promotions"))],
        help_text=_("Start from a template and change what you like, or from nothing."),
    )


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def design(request: HttpRequest, code: str) -> HttpResponse:
    """The designer of one promotion. Every change comes as the whole form and is saved in the draft."""
    promotion = queries.promotion_of(code)
    newest = queries.newest_version(promotion)
    if newest is not None and newest.state in (VersionState.REVIEW, VersionState.APPROVED):
        return redirect("promotion", promotion.code)
    document: Mapping[str, Any] = newest.document if newest else {}
    seen = newest.document_hash if newest and newest.state == VersionState.DRAFT else ""
    if request.method == "POST":
        try:
            newest = _save(request, promotion, document)
            document, seen = newest.document, newest.document_hash
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        if not request.headers.get("HX-Request"):
            return redirect("promotion-design", promotion.code)
    is_part = bool(request.headers.get("HX-Request"))
    context = _context(promotion, newest, document, seen) | {"can_redo": bool(_undone(request, promotion))}
    if not is_part:
        context |= {"side": _panels(request, promotion, SIDE), "foot": _panels(request, promotion, FOOT)}
    response = staff.show(
        request,
        "promotions/design/_page.html" if is_part else "promotions/design/page.html",
        context,
        title=str(promotion.name),
        crumbs=[(_("Promotions"), reverse("promotions")), (str(promotion.name), reverse("promotion", args=[code]))],
        help_text=_("Every change is saved in the draft at once. Nothing runs before it is published."),
    )
    if is_part:
        response.headers["HX-Trigger-After-Swap"] = SAVED
    return response


def _panels(request: HttpRequest, promotion: Promotion, place: str) -> list[dict[str, Any]]:
    may = menu.permissions(request)
    return [
        {"template": panel.template, "context": panel.fill(request=request, promotion=promotion)}
        for panel in registries.panels(place)
        if panel.permission in may
    ]


def _save(request: HttpRequest, promotion: Promotion, document: Mapping[str, Any]) -> PromotionVersion:
    data = {key: request.POST.getlist(key) for key in request.POST}
    deed, seen = request.POST.get("do", ""), request.POST.get("seen", "")
    if deed == "undo":
        saved = services.undo_draft(promotion_id=promotion.pk)
        _keep_undone(request, promotion, [*_undone(request, promotion), document])
        return saved
    if deed == "redo" and (undone := _undone(request, promotion)):
        saved = services.save_draft(promotion_id=promotion.pk, document=undone[-1], name=promotion.name, seen=seen)
        _keep_undone(request, promotion, undone[:-1])
        return saved
    palette = _palette()
    found = read(document, data, palette)
    edit = edit_of(deed, parts(normal(found), palette))
    if edit is not None:
        found = edited(found, edit)
    saved = services.save_draft(promotion_id=promotion.pk, document=tidied(found), name=promotion.name, seen=seen)
    _keep_undone(request, promotion, [])
    return saved


def _undone(request: HttpRequest, promotion: Promotion) -> list[dict[str, Any]]:
    """What this person has taken back since the last change, the newest last."""
    return list(request.session.get(UNDONE, {}).get(str(promotion.pk), ()))


def _keep_undone(request: HttpRequest, promotion: Promotion, documents: Sequence[Mapping[str, Any]]) -> None:
    if documents or UNDONE in request.session:
        # Of one promotion only: a session is no store of drafts.
        request.session[UNDONE] = {str(promotion.pk): list(documents)[-MOST_UNDONE:]}


def _palette() -> Palette:
    program = Program.objects.get()
    return Palette(
        program.currency, queries.point_type_options(), queries.group_options(program),
        grants.additions(queries.first_point_type()), grants.choices(), queries.event_options(),
        queries.own_attributes(), queries.event_attributes(), queries.partner_options(),
    )  # fmt: skip


def _context(
    promotion: Promotion, newest: PromotionVersion | None, document: Mapping[str, Any], seen: str
) -> dict[str, Any]:
    shown = parts(normal(document), _palette())
    written = {**tidied(normal(document)), "id": promotion.code}
    invalid = services.problems_of(written)
    problems = invalid or _named(services.clashes_with_live(written))
    left = placed(shown, problems)
    picking.name_codes(shown)
    names = sentence.names_for([document])
    kept.tell(shown, normal(document), names)
    sentences = []
    if not invalid:
        for language, label in queries.languages():
            with override(language):
                sentences.append((language, label, sentence.sentence(document, names)))
    return {
        "promotion": promotion,
        "version": newest,
        "parts": shown,
        "seen": seen,
        "problems": left,
        "is_complete": not problems,
        "needs_approval": Program.objects.get().is_approval_needed,
        "sentences": sentences,
        "can_undo": bool(newest and newest.state == VersionState.DRAFT and newest.earlier),
    }


def _named(clashes: Sequence[Problem]) -> list[Problem]:
    """Clashes that call the other promotion by its name."""
    names = queries.rule_names() if clashes else {}
    return [
        one._replace(facts={**one.facts, "rule": names.get(one.facts["rule"], one.facts["rule"])}) for one in clashes
    ]


@require_GET
@staff.staff_page("promotions.edit")
def pick(request: HttpRequest, kind: str) -> JsonResponse:
    """Things of a kind whose name or code begins with what was typed."""
    return JsonResponse({"found": picking.search(kind, request.GET.get("q", ""))})
