"""Vouchers that promotions issue, and what becomes of them when the goods come back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loyalty.kernel.registries import Issue, Undo
from programs.rules import life
from programs.setup.models import Program
from rewards.vouchers import operations, queries
from rewards.vouchers.models import VoucherTemplate

WITHDRAW, KEEP = "withdraw_if_unused", "ignore"
RETURNED = "returned"


class VoucherEffect:
    """Issues a voucher of the template that the effect names, to the member who bought."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Issue one voucher each, in two statements whatever their number; an empty pool gives none and says so."""
        templates = queries.templates_by_code(one.effect["template"] for one in wanted)
        program = Program.objects.get()
        vouchers = operations.issue(
            [
                operations.Wanted(
                    template=templates[one.effect["template"]],
                    member_id=one.member_id,
                    account_id=one.account_id,
                    cause_kind=one.cause_kind,
                    cause_id=one.cause_id,
                    request_key=f"purchase:{one.key}",
                    at=one.at,
                    valid_until=_end(one, templates[one.effect["template"]], program),
                )
                for one in wanted
            ]
        )
        return [
            {
                "template": one.effect["template"],
                "voucher": voucher.pk if voucher else None,
                "code": voucher.code if voucher else "",
                "valid_until": voucher.valid_until.isoformat() if voucher and voucher.valid_until else None,
                "on_reverse": one.effect.get("on_reverse", WITHDRAW),
            }
            for one, voucher in zip(wanted, vouchers, strict=True)
        ]

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Withdraw what was never used; what was used is the member's, and so is all that the rule lets them keep."""
        reasons = {
            one.issued["voucher"]: RETURNED
            for one in undone
            if one.issued["voucher"] is not None and one.issued["on_reverse"] == WITHDRAW
        }
        if reasons:
            operations.withdraw_unused(reasons, max(one.at for one in undone))

    def problems(self, effect: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
        """The template is one of the program's, in use; only the member gets one; nobody is charged for a used one."""
        found = VoucherTemplate.objects.filter(code=effect["template"], archived_at__isnull=True)
        if not found.exists():
            yield "template", "unknown_template", {"template": effect["template"]}
        if effect.get("to", "member") != "member":
            yield "to", "recipient_not_offered", {}
        if effect.get("on_reverse", WITHDRAW) not in (WITHDRAW, KEEP):
            yield "on_reverse", "on_reverse_not_offered", {}

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The templates in use."""
        rows = VoucherTemplate.objects.filter(archived_at__isnull=True).order_by("code")
        return [(row.code, str(row.name)) for row in rows]


def _end(one: Issue, template: VoucherTemplate, program: Program) -> Any:
    if "expiry" in one.effect:
        return life.ends_at(one.effect["expiry"], one.at, program.timezone)
    return operations.end_of(template, one.at, program.zone, days=one.effect.get("valid_days"))
