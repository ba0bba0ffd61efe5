"""What a till asks: who it is, what a basket would earn and cost, and what it needs to know to work without a line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import audit, clock, money
from loyalty.kernel.api.authentication import KeyHolder, holder
from loyalty.kernel.api.views import WRITES_NOTHING, ApiView
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import paying
from members.activity.api import doors
from members.activity.serializers.purchase import purchase_input
from members.ledger.api import balance_document
from members.ledger.models import Wallet
from members.profiles import details
from members.profiles import queries as profiles
from members.profiles.models import Member
from members.till import queries, quoting, tokens
from members.till.models import Checkout
from members.till.queries import Spendable
from members.till.quoting import Forecast
from members.till.serializers import (
    ConfigSerializer,
    IdentifiedSerializer,
    IdentifySerializer,
    QuoteInputSerializer,
    QuoteSerializer,
)
from programs.setup import terms
from programs.setup.models import PointType, Program


class IdentifyView(ApiView):
    """Who stands at the till."""

    required_scope = "till.use"
    once_by = WRITES_NOTHING

    @extend_schema(request=IdentifySerializer, responses={200: IdentifiedSerializer}, operation_id="till_identify")
    def post(self, request: Request) -> Response:
        """A member as a cashier may see them: first name and initial, tier, balance, what can be spent."""
        given = IdentifySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data["member"]
        with unit_of_work():
            member = profiles.identify(wanted["kind"], wanted["value"])
            audit.record("member.read", member)
        return Response(IdentifiedSerializer(identified_document(member)).data)


def identified_document(member: Member) -> dict[str, Any]:
    """A member as a cashier may see them."""
    now, program = clock.now(), Program.objects.get()
    account_id = profiles.primary_account(member.pk)
    found = queries.spendable(account_id, now)
    person = details.details(member.pk, in_clear=False)
    flags = [] if member.is_active else ["blocked"]
    if Wallet.objects.filter(account_id=account_id, is_frozen=True).exists():
        flags.append("frozen")
    return {
        "member": member.public_id,
        "number": member.number,
        "name": f"{person.first_name} {person.last_name[:1]}{'.' if person.last_name else ''}".strip(),
        "language": member.language,
        "tiers": [{"scheme": one.scheme, "tier": one.tier} for one in person.tiers],
        "balance": balance_document(account_id)["balance"],
        "redeem": _worth(found, program),
        "flags": flags,
        "balance_token": _token(member, found, program) if member.is_active else None,
    }


def _worth(found: Spendable | None, program: Program) -> dict[str, str] | None:
    if found is None:
        return None
    try:
        value = paying.value_of(found.units, found.point_type, program)
    except paying.PointsWorthNothing:
        return None
    return {
        "type": found.point_type.code,
        "available": money.to_text(found.units, found.point_type.decimals),
        "value": money.to_text(value, program.exponent),
    }


def _token(member: Member, found: Spendable | None, program: Program) -> str | None:
    if found is None or not terms.nearest(terms.TILL_OFFLINE_LIMIT, program):
        return None
    note = tokens.Note(program.pk, str(member.public_id), found.point_type.code, found.units, clock.now())
    return tokens.sign(note)


class QuotesView(ApiView):
    """What a basket would earn and cost."""

    required_scope = "till.use"
    once_by = WRITES_NOTHING

    @extend_schema(request=QuoteInputSerializer, responses={200: QuoteSerializer}, operation_id="quote")
    def post(self, request: Request) -> Response:
        """Judge a basket without recording it: money off by line, points to come and why, how much points can pay.

        What cannot be told in time is named in `missing`; the receipt is taken nevertheless.
        """
        given = QuoteInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(QuoteSerializer(_quote(holder(request), given.validated_data)).data)


def _quote(key: KeyHolder, values: Mapping[str, Any]) -> dict[str, Any]:
    now, program = clock.now(), Program.objects.get()
    named = values.get("member")
    member = profiles.identify(named["kind"], named["value"]) if named else None
    source = doors.source_of(key)
    places = money.exponent(values["currency"])
    basket = purchase_input(
        {**values, "external_id": "", "at": min(values.get("at", now), now)},
        member_id=member.pk if member else 0, source=source, body_hash=b"",
    )  # fmt: skip
    basket = replace(basket, location=doors.Door(key).store(basket.location))
    found = quoting.forecast(basket, now=now) if member else quoting.unnamed(basket)
    to_pay = found.amount - found.discount
    redeem = quoting.payable(profiles.primary_account(member.pk), to_pay, now=now) if member else None
    row = Checkout.objects.create(member=member, source=source, till=values["till"], quoted_at=now)
    return {
        "quote": row.public_id,
        "amount": money.to_text(found.amount, places),
        "discount": money.to_text(found.discount, places),
        "discounts": [{"line_id": line, "amount": money.to_text(off, places)} for line, off in found.discounts],
        "to_pay": money.to_text(to_pay, places),
        "points": _points(found.points, found),
        "applied": [
            {"rule": one.rule, "name": one.name, "points": _points(one.points, found), "why": one.why}
            for one in found.applied
        ],
        "redeem": redeem and {
            "type": redeem.spendable.point_type.code,
            "available": money.to_text(redeem.spendable.units, redeem.spendable.point_type.decimals),
            "most": money.to_text(redeem.most, redeem.spendable.point_type.decimals),
            "value": money.to_text(redeem.value, program.exponent),
        },
        "rules": found.snapshot_number,
        "is_complete": not found.missing,
        "missing": list(found.missing),
    }  # fmt: skip


def _points(points: Mapping[str, int], found: Forecast) -> dict[str, str]:
    return {code: money.to_text(points.get(code, 0), places) for code, places in found.decimals.items()}


class ConfigView(ApiView):
    """What a till needs to know to work without a line."""

    required_scope = "till.use"

    @extend_schema(responses=ConfigSerializer, operation_id="till_config")
    def get(self, request: Request, till: str) -> Response:
        """What points are worth, how long they are held, what may be taken without a line, and which numbers are missing."""
        program = Program.objects.get()
        kinds = PointType.objects.filter(archived_at__isnull=True, is_spendable=True).order_by("position", "pk")
        kind = kinds.first()
        answer = {
            "version": program.snapshot_number,
            "currency": program.currency,
            "points_at_till": paying.way_of(program),
            "point_type": kind.code if kind else None,
            "point_decimals": kind.decimals if kind else None,
            "point_value": f"{program.point_value.normalize():f}",
            "hold_minutes": terms.nearest(terms.TILL_HOLD_MINUTES, program),
            "offline_limit": money.to_text(terms.nearest(terms.TILL_OFFLINE_LIMIT, program), program.exponent),
            "token_hours": int(tokens.GOOD_FOR.total_seconds() // 3600),
            "token_key": tokens.public_key(),
            "missing": queries.missing_numbers(doors.source_of(holder(request)), till),
        }
        return Response(ConfigSerializer(answer).data)
