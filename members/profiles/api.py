"""Members over HTTP: who somebody is, joining, care."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import answer_once
from loyalty.kernel.api.views import ApiView
from members.profiles import queries, services
from members.profiles.models import Member
from members.profiles.operations import NewMember
from members.profiles.serializers import (
    EnrollmentSerializer,
    IdentifierInputSerializer,
    IdentifierStateSerializer,
    MemberSerializer,
    MembershipSerializer,
    PersonSerializer,
)
from members.profiles.services import PersonChanges


def identity_of(identity: str) -> tuple[str, str]:
    """``card:0200004056484`` as kind and value."""
    kind, _separator, value = identity.partition(":")
    return kind, value


def member_of(identity: str) -> Member:
    """The member that the address names.

    :raises NotFound: nobody here.
    """
    return queries.identify(*identity_of(identity))


class MembersView(ApiView):
    """People who join."""

    required_scope = "members.write"

    @extend_schema(request=EnrollmentSerializer, responses={201: MembershipSerializer}, operation_id="enroll_member")
    def post(self, request: Request) -> Response:
        """Enroll a member. At least one of e-mail, phone and card names them from then on."""
        given = EnrollmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def act() -> tuple[int, Mapping[str, Any]]:
            values = {**given.validated_data, "cards": tuple(given.validated_data.get("cards", ()))}
            member = services.enroll_member(NewMember(number="", enrolled_at=clock.now(), **values))
            return 201, MembershipSerializer(member).data

        return answer_once(request, act)


class MemberView(ApiView):
    """One member by an identifier."""

    required_scope = "members.read"
    scope_to_write = "members.write"

    @extend_schema(responses=MemberSerializer, operation_id="get_member")
    def get(self, request: Request, identity: str) -> Response:
        """Who this is. E-mail and phone are masked unless the key may change members."""
        in_clear = "members.write" in holder(request).scopes
        found = services.read_member(*identity_of(identity), in_clear=in_clear)
        return Response(MemberSerializer(asdict(found)).data)

    @extend_schema(request=PersonSerializer, responses=MembershipSerializer, operation_id="change_member")
    def patch(self, request: Request, identity: str) -> Response:
        """Change name, contact, birthday, city or language; what is left out stays."""
        given = PersonSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def act() -> tuple[int, Mapping[str, Any]]:
            values = dict(given.validated_data)
            forgets = "birthday" in values and values["birthday"] is None
            member = member_of(identity)
            services.change_member(member.pk, PersonChanges(forgets_birthday=forgets, **values))
            return 200, MembershipSerializer(member_of(f"member:{member.number}")).data

        return answer_once(request, act)


class IdentifiersView(ApiView):
    """Cards and numbers of one member."""

    required_scope = "members.write"

    @extend_schema(
        request=IdentifierInputSerializer, responses={201: IdentifierStateSerializer}, operation_id="add_identifier"
    )
    def post(self, request: Request, identity: str) -> Response:
        """Add an identifier, or block one that the member has (``state``: ``blocked``)."""
        given = IdentifierInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def act() -> tuple[int, Mapping[str, Any]]:
            wanted = given.validated_data
            member = member_of(identity)
            change = services.block_identifier if wanted["state"] == "blocked" else services.add_identifier
            row = change(member.pk, kind=wanted["kind"], value=wanted["value"])
            return 201, {"member": member.number, "kind": row.kind, "state": row.state}

        return answer_once(request, act)
