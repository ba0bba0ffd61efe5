"""Issuing, using and withdrawing vouchers within the caller's transaction. Locks: wallets first, then vouchers by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from loyalty.kernel import bulk, ids, outbox, scope
from loyalty.kernel.errors import Refusal
from rewards.vouchers import signs
from rewards.vouchers.models import CodeSource, Voucher, VoucherState, VoucherTemplate, VoucherUse

ISSUED = outbox.declare("voucher.issued")
USED = outbox.declare("voucher.used")
WITHDRAWN = outbox.declare("voucher.withdrawn")
LONGEST_REASON = 300


class VoucherUsedUp(Refusal):
    """Every use of it has been made."""

    code = "vouchers.used_up"
    status = 409


class VoucherOver(Refusal):
    """Its time is over."""

    code = "vouchers.over"
    status = 409


class VoucherTakenBack(Refusal):
    """It was withdrawn."""

    code = "vouchers.withdrawn"
    status = 409


@dataclass(frozen=True, slots=True)
class Wanted:
    """A voucher to be issued; ``request_key`` makes it happen once."""

    template: VoucherTemplate
    member_id: int
    account_id: int
    cause_kind: str
    cause_id: int | None
    request_key: str
    at: datetime
    valid_until: datetime | None


def end_of(template: VoucherTemplate, at: datetime, zone: ZoneInfo, *, days: int | None = None) -> datetime | None:
    """The instant from which a voucher issued at ``at`` is over: after the last of its days, in program time.

    :param days: a promotion's own length of validity, which goes before the template's.
    """
    length = days or template.valid_days
    last: date | None = at.astimezone(zone).date() + timedelta(days=length) if length else None
    if template.valid_until is not None:
        last = min(last, template.valid_until) if last else template.valid_until
    return datetime.combine(last + timedelta(days=1), time(), zone) if last else None


def issue(wanted: Sequence[Wanted]) -> list[Voucher | None]:
    """Issue vouchers, one each in this order; nothing where the pool of the template is empty.

    Generated codes are written by one statement, pools give by one each. A request key of before is refused by the
    database: whoever issues by a promotion does so once a purchase.
    """
    found: dict[int, Voucher] = {}
    generated = [place for place, one in enumerate(wanted) if one.template.source == CodeSource.GENERATED]
    for place, key in zip(generated, ids.take(len(generated)) if generated else (), strict=True):
        found[place] = _row(wanted[place], key, signs.new_code(wanted[place].template.prefix))
    _write([found[place] for place in generated])
    pooled: dict[int, list[int]] = {}
    for place, one in enumerate(wanted):
        if one.template.source == CodeSource.POOL:
            pooled.setdefault(one.template.pk, []).append(place)
    for template_id, places in sorted(pooled.items()):
        taken = _take_from_pool(template_id, len(places))
        for place, (key, code) in zip(places, taken, strict=False):
            found[place] = _row(wanted[place], key, code)
            _hand_out(found[place])
    _announce(list(found.values()))
    return [found.get(place) for place in range(len(wanted))]


def _row(one: Wanted, key: int, code: str) -> Voucher:
    return Voucher(
        id=key, program_id=scope.program_id(), template=one.template, code=code, member_id=one.member_id,
        account_id=one.account_id, state=VoucherState.ISSUED, uses=one.template.uses, used=0,
        cause_kind=one.cause_kind, cause_id=one.cause_id, request_key=one.request_key, issued_at=one.at,
        valid_until=one.valid_until,
    )  # fmt: skip


def _write(rows: Sequence[Voucher]) -> None:
    columns = [
        "id", "program", "template", "code", "member", "account", "state", "uses", "used", "cause_kind", "cause_id",
        "request_key", "issued_at", "valid_until", "withdraw_reason",
    ]  # fmt: skip
    bulk.insert(
        Voucher,
        columns,
        [
            (
                row.pk, row.program_id, row.template_id, row.code, row.member_id, row.account_id, row.state, row.uses,
                row.used, row.cause_kind, row.cause_id, row.request_key, row.issued_at, row.valid_until, "",
            )
            for row in rows
        ],
    )  # fmt: skip


def _take_from_pool(template_id: int, count: int) -> list[tuple[int, str]]:
    """Codes of a pool that nobody else is taking at this instant, in the order in which they were imported."""
    pool = Voucher.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(
        template_id=template_id, state=VoucherState.POOLED
    )
    return list(pool.order_by("pk").values_list("pk", "code")[:count])


def _hand_out(row: Voucher) -> None:
    row.save(
        force_update=True,
        update_fields=[
            "member", "account", "state", "uses", "cause_kind", "cause_id", "request_key", "issued_at", "valid_until",
        ],
    )  # fmt: skip


def _announce(rows: Sequence[Voucher]) -> None:
    facts = [outbox.Fact(row.pk, row.issued_at, row.account_id) for row in rows if row.issued_at is not None]
    assert len(facts) == len(rows), "what is issued has an instant"
    outbox.add_each(ISSUED, subject="voucher", facts=facts)


def lock_voucher(voucher_id: int) -> Voucher:
    """A voucher, locked against other tills."""
    rows = Voucher.objects.select_for_update(no_key=True, of=("self",))
    found: Voucher = rows.select_related("template__point_type", "template__product", "member", "program").get(
        pk=voucher_id
    )
    return found


def refuse_unusable(voucher: Voucher, at: datetime) -> None:
    """Say why a locked voucher cannot be used.

    :raises VoucherTakenBack: it was withdrawn.
    :raises VoucherUsedUp: every use has been made.
    :raises VoucherOver: its time is over.
    """
    if voucher.state == VoucherState.WITHDRAWN:
        raise VoucherTakenBack()
    if voucher.used >= voucher.uses:
        raise VoucherUsedUp(uses=voucher.uses)
    if voucher.state == VoucherState.EXPIRED or voucher.is_over(at):
        raise VoucherOver()


def count_use(voucher: Voucher) -> None:
    """Count one use of a locked voucher; after the last it is used up."""
    is_last = voucher.used + 1 >= voucher.uses
    voucher.state = VoucherState.USED if is_last else VoucherState.ISSUED
    Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1, state=voucher.state)
    voucher.used += 1


def earlier_use(request_key: str) -> VoucherUse | None:
    """The use that a request made before."""
    rows = VoucherUse.objects.select_related("voucher__template__point_type", "voucher__program", "voucher__member")
    found: VoucherUse | None = rows.filter(request_key=request_key).first()
    return found


def withdraw_unused(reasons: Mapping[int, str], at: datetime) -> list[int]:
    """Withdraw those vouchers that were never used; the keys of those withdrawn.

    One statement decides and writes: a till that uses one at the same instant either comes first, and it stays used, or
    finds it withdrawn.
    """
    keys = sorted(reasons)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE rewards_voucher v SET state = 'withdrawn', withdrawn_at = %s, withdraw_reason = r.reason
            FROM unnest(%s::bigint[], %s::text[]) AS r(id, reason)
            WHERE v.id = r.id AND v.state = 'issued' AND v.used = 0 RETURNING v.id
            """,
            [at, keys, [reasons[key][:LONGEST_REASON] for key in keys]],
        )
        withdrawn = sorted(row[0] for row in cursor.fetchall())
    outbox.add_each(WITHDRAWN, subject="voucher", facts=[outbox.Fact(key, at) for key in withdrawn])
    return withdrawn
