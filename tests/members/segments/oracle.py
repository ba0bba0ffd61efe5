"""The same members judged in memory, by the language itself: what SQL has to agree with."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from msgspec.structs import replace

from members.activity import history, state
from members.activity.models import Evaluation, Purchase
from members.consents.models import Consent
from members.ledger.models import Wallet
from members.profiles.models import Member
from members.segments.models import BITS, Segment, SegmentMask, SegmentMember
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Context, Event, HistoryPurchase, Needs, ProgramSettings
from programs.rules.compiler import Compiler
from programs.rules.conditions import compile_condition
from programs.rules.dates import local
from programs.rules.state import State
from programs.rules.view import LineFilters


def states_of(frozen: FrozenProgram, at: datetime) -> dict[int, State]:
    """Every living member as a rule sees them when they buy nothing."""
    members = {one.pk: one for one in Member.objects.exclude(status="erased").select_related("region", "personal")}
    known = state.load(members, frozen, earliest=at)
    asked = [history.Asking(key, at) for key in members]
    history.load(known, asked, [Needs(all_history=True, lines=True)] * len(asked), frozen)
    events = history.events_of(members, {"REVIEW", "SURVEY"})
    points, segments, more = _points(), _segments(at), _more(members, frozen)
    found = {}
    for key, one in known.items():
        view = one.view(frozen, at)
        attributes = {**one.attributes, **more[key]}
        view = replace(view, attributes=attributes, segments=frozenset(segments.get(key, ())))
        context = Context(
            member=view, event=Event(at=at), trigger="schedule", events=events.get(key, ()),
            history=[replace(before, points=points.get((key, before.at), {})) for before in one.loaded],
        )  # fmt: skip
        found[key] = State(context, frozen.settings, LineFilters())
    return found


def judge(
    condition: Mapping[str, Any], settings: ProgramSettings, states: Mapping[int, State]
) -> dict[int, bool | None]:
    """The truth of a condition by member."""
    asked = compile_condition(Compiler(settings), condition).fn
    return {key: asked(one, None) for key, one in states.items()}


def _more(members: Mapping[int, Member], frozen: FrozenProgram) -> dict[int, dict[str, Any]]:
    """What the profile, consents and wallets add to the declared attributes."""
    found: dict[int, dict[str, Any]] = {}
    for key, one in members.items():
        joined: date = local(one.enrolled_at, frozen.zone).date()
        found[key] = {"language": one.language, "since": joined, "consent": {}, "balance": {}}
        if one.region:
            found[key]["region"] = one.region.code
        personal = getattr(one, "personal", None)
        if personal is not None and personal.city:
            found[key]["city"] = personal.city
    for consent in Consent.objects.select_related("purpose").order_by("pk"):
        if consent.member_id in found:
            found[consent.member_id]["consent"][consent.purpose.code] = consent.is_given
    wallets = Wallet.objects.select_related("point_type").filter(account__members__is_primary=True)
    for member, code, decimals, active, debt in wallets.values_list(
        "account__members__member_id", "point_type__code", "point_type__decimals", "active", "debt"
    ):
        if member in found:
            found[member]["balance"][code] = Decimal(active - debt).scaleb(-decimals)
    return found


def _segments(at: datetime) -> dict[int, set[str]]:
    rows = SegmentMember.objects.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), ended_at__isnull=True)
    found: dict[int, set[str]] = {}
    for member, code in rows.values_list("member_id", "segment__code"):
        found.setdefault(member, set()).add(code)
    by_condition = dict(Segment.objects.filter(kind="dynamic").values_list("position", "code"))
    for member, word, mask in SegmentMask.objects.values_list("member_id", "word", "mask"):
        held = {code for place, code in by_condition.items() if place // BITS == word and mask >> place % BITS & 1}
        found.setdefault(member, set()).update(held)
    return found


def _points() -> dict[tuple[int, datetime], dict[str, int]]:
    """Points that a purchase gave, less what returns took back, by member and moment."""
    moments = {key: (member, at) for key, member, at in Purchase.objects.values_list("pk", "member_id", "occurred_at")}
    found: dict[tuple[int, datetime], dict[str, int]] = {}
    for purchase, outcome in Evaluation.objects.values_list("purchase_id", "outcome"):
        points = found.setdefault(moments[purchase], {})
        for code, amount in outcome.get("points", {}).items():
            points[code] = points.get(code, 0) + amount
        for _rule, _effect, code, amount in outcome.get("reversed", ()):
            points[code] = points.get(code, 0) - amount
    return found


def purchases_of(states: Mapping[int, State]) -> list[HistoryPurchase]:
    """All earlier purchases that count: a population without any proves nothing."""
    return [purchase for one in states.values() for _, purchase in one.dated_history()]
