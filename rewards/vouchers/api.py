"""Vouchers over HTTP: what a member has, what a code is worth, using it, withdrawing it."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock
from loyalty.kernel.api import paging
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.profiles import queries as profiles
from members.profiles.api import member_of
from rewards.vouchers import queries, services
from rewards.vouchers.serializers import (
    VoucherIssueSerializer,
    VoucherListSerializer,
    VoucherSerializer,
    VoucherUsedSerializer,
    VoucherUseSerializer,
    VoucherWithdrawalSerializer,
    voucher_document,
)


class MemberVouchersView(ApiView):
    """Vouchers of one member."""

    required_scope = "vouchers.read"
    scope_to_write = "vouchers.write"

    @extend_schema(
        responses=VoucherListSerializer, parameters=paging.PARAMETERS, operation_id="list_vouchers_of_member"
    )
    def get(self, request: Request, identity: str) -> Response:
        """Every voucher that the member was given, the newest first, whatever became of it."""
        limit, after = paging.limit_of(request), paging.position_of(request)
        if after is not None and after.instant is not None:
            raise Malformed(errors=[("cursor", "invalid_cursor")])
        rows = queries.vouchers_of(member_of(identity).pk)
        page = list((rows.filter(pk__lt=after.key) if after else rows)[:limit])
        last = Position(None, page[-1].pk) if page else None
        now = clock.now()
        return Response(
            paging.answer([VoucherSerializer(voucher_document(one, now)).data for one in page], limit, last)
        )

    @extend_schema(request=VoucherIssueSerializer, responses={201: VoucherSerializer}, operation_id="issue_voucher")
    def post(self, request: Request, identity: str) -> Response:
        """Give the member a voucher by hand."""
        given = VoucherIssueSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._issue(request, identity, given.validated_data["template"]))

    def _issue(self, request: Request, identity: str, template: str) -> tuple[int, Mapping[str, Any]]:
        now = clock.now()
        voucher = services.issue_voucher(
            member_id=member_of(identity).pk, template_code=template, request_key=f"api:{request_key(request)}", at=now
        )
        return 201, VoucherSerializer(voucher_document(voucher, now)).data


class VoucherView(ApiView):
    """One voucher."""

    required_scope = "vouchers.read"

    @extend_schema(responses=VoucherSerializer, operation_id="get_voucher")
    def get(self, request: Request, code: str) -> Response:
        """What a code is worth and whether it can be used. An unknown code and another program's are the same answer."""
        return Response(VoucherSerializer(voucher_document(queries.voucher_of(code), clock.now())).data)


class VoucherUseView(ApiView):
    """Using a voucher."""

    required_scope = "vouchers.write"

    @extend_schema(request=VoucherUseSerializer, responses={201: VoucherUsedSerializer}, operation_id="use_voucher")
    def post(self, request: Request, code: str) -> Response:
        """Use a voucher once. Of two tills that use the last use at the same instant, one succeeds."""
        given = VoucherUseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._use(request, code, given.validated_data))

    def _use(self, request: Request, code: str, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        now, named = clock.now(), given.get("member")
        member = profiles.identify(named["kind"], named["value"]) if named else None
        use = services.use_voucher(
            code=code, member_id=member.pk if member else None, receipt=given["receipt"], store=given["store"],
            request_key=f"api:{request_key(request)}", at=now,
        )  # fmt: skip
        document = {"id": use.public_id, "used_at": use.used_at, "voucher": _document(use.voucher.code, now)}
        return 201, VoucherUsedSerializer(document).data


class VoucherWithdrawalView(ApiView):
    """Withdrawing a voucher."""

    required_scope = "vouchers.write"

    @extend_schema(
        request=VoucherWithdrawalSerializer, responses={200: VoucherSerializer}, operation_id="withdraw_voucher"
    )
    def post(self, request: Request, code: str) -> Response:
        """Withdraw a voucher: what is left of its uses is gone."""
        given = VoucherWithdrawalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._withdraw(code, given.validated_data["reason"]))

    def _withdraw(self, code: str, reason: str) -> tuple[int, Mapping[str, Any]]:
        now = clock.now()
        services.withdraw_voucher(code=code, reason=reason, at=now)
        return 200, VoucherSerializer(_document(code, now)).data


def _document(code: str, now: Any) -> dict[str, Any]:
    return voucher_document(queries.voucher_of(code), now)
