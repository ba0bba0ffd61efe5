"""What terms of return say of a return: refused or not, which points stay, and the bonus instead of money."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from loyalty.kernel import registries
from loyalty.kernel.errors import Refusal
from members.activity.models import Purchase, Return, Settlement
from members.ledger import operations as ledger
from members.ledger import plans
from members.ledger.models import EntryKind
from members.ledger.plans import Credit, EntryPlan, WalletView
from programs.promotions.snapshots import FrozenProgram
from programs.returns.terms import Terms
from programs.rules import ByLine, awaits, ends_at, inactivity, largest_remainder, starts_at
from programs.rules.dates import local
from programs.rules.returns import DISCOUNT, RECOMPUTE, GrantKey
from programs.setup.models import Program

if TYPE_CHECKING:
    from members.activity.operations.returning import JudgedReturn

BONUS, CAUSE = "bonus", "return_bonus"


class ReturnWindowOver(Refusal):
    """The last day on which the goods were taken back has passed."""

    code = "activity.return_window_over"


class NoMoneyBack(Refusal):
    """These goods are not taken back for money: only in exchange, or for a bonus where one is offered."""

    code = "activity.no_money_back"
    field = "settlement"


class NoBonusOffered(Refusal):
    """No bonus is offered for these goods."""

    code = "activity.no_bonus_offered"
    field = "settlement"


class NothingForBonus(Refusal):
    """No money would be given back, or too little for a point: there is nothing to give a bonus for."""

    code = "activity.nothing_for_bonus"
    field = "settlement"


def terms_of(outcome: Mapping[str, Any], frozen: FrozenProgram, *, is_void: bool = False) -> dict[str, Terms]:
    """The terms of return of a purchase by line id, as they were recorded with it; none for the undoing of a mistake."""
    if is_void:
        return {}
    return {line_id: frozen.returns.by_id[key] for line_id, key in outcome.get("terms", {}).items()}


def refuse_by_terms(row: Return, purchase: Purchase, frozen: FrozenProgram, terms: Mapping[str, Terms]) -> None:
    """Refuse what the terms of the returned lines do not allow. The last day ends at midnight in the program's zone.

    :raises ReturnWindowOver: the return was made after the last day.
    :raises NoMoneyBack: money is wanted for goods that are not taken back for money.
    :raises NoBonusOffered: a bonus is wanted where none is offered; a line without terms offers none.
    """
    day = local(row.occurred_at, frozen.zone).date()
    for line_id in (part["line_id"] for part in row.lines):
        held = terms.get(line_id)
        last_day = None if held is None else held.last_day(purchase.occurred_date)
        if last_day is not None and day > last_day:
            raise ReturnWindowOver(line=line_id, until=last_day.isoformat())
        if row.settlement == Settlement.MONEY and held is not None and not held.gives_money:
            raise NoMoneyBack(line=line_id)
        if row.settlement == Settlement.BONUS and (held is None or held.bonus is None):
            raise NoBonusOffered(line=line_id)


def by_line(terms: Mapping[str, Terms], outcome: Mapping[str, Any]) -> ByLine | None:
    """What the terms say of the points, line by line; nothing where every line is judged again as usual."""
    modes = {line_id: one.mode for line_id, one in terms.items() if one.mode != RECOMPUTE}
    if not modes:
        return None
    parts: dict[GrantKey, dict[str, int]] = {}
    for kind, granted in ((None, outcome["grants"]), (DISCOUNT, outcome.get("discounts", ()))):
        for one in granted:
            of_key = parts.setdefault((one["rule"], one["effect"], kind or one["type"]), {})
            for line_id, amount in one["lines"]:
                of_key[line_id] = of_key.get(line_id, 0) + amount
    return ByLine(modes, parts)


def plan_bonuses(judged: Sequence["JudgedReturn"]) -> None:
    """Note on returns that are settled by a bonus how many points it is: of the money that would have been given back,
    line by line at the percentage of its terms, rounded down once to whole smallest units.

    :raises NothingForBonus: that is no point.
    """
    for one in judged:
        if one.row.settlement != Settlement.BONUS:
            continue
        value, shares = _money_given_up(one)
        exact: dict[str, Fraction] = {}
        for line_id, share in shares.items():
            bonus = one.terms[line_id].bonus
            assert bonus is not None, "refused where none is offered"
            exact[bonus.type] = exact.get(bonus.type, Fraction(0)) + share * bonus.each
        points = {code: floor(amount) for code, amount in exact.items() if amount >= 1}
        if not points:
            raise NothingForBonus()
        one.bonus = {"value": value, "points": points}


def _money_given_up(one: "JudgedReturn") -> tuple[int, dict[str, int]]:
    """The money that the return would have given back, and its parts by returned line, minor units.

    What points paid goes back as points, and money off that the kept goods no longer get was never paid.
    """
    kept = {line.line_id: line.paid for line in one.reversal.kept}
    amounts = {
        line_id: line.amount - line.returned_amount - kept.get(line_id, 0)
        for line_id, line in one.lines.items()
        if one.returned[line_id] != line.returned_quantity
    }
    discount = sum(amount for (_rule, _effect, kind), amount in one.reversal.amounts.items() if kind == DISCOUNT)
    money = sum(amounts.values()) if one.payback is None else int(one.payback["money"])
    value = money - discount
    if value <= 0:
        raise NothingForBonus()
    return value, dict(zip(amounts, largest_remainder(value, list(amounts.values())), strict=True))


def give_bonuses(judged: Sequence["JudgedReturn"]) -> None:
    """Give the bonuses: points with the life of their type, paid as points earned at the place of the purchase are."""
    wanted = [one for one in judged if one.bonus is not None]
    if not wanted:
        return
    debt_share = Program.objects.values_list("debt_share", flat=True).get()
    for one in wanted:
        assert one.bonus is not None, "left out above"
        at = one.row.occurred_at
        payers = registries.funding().payers(local(at, one.frozen.zone).date())
        partner_id = one.purchase.partner_id if one.purchase.partner_id in payers else None
        plan = EntryPlan(
            account_id=one.purchase.account_id, kind=EntryKind.EARN, cause_kind=CAUSE, cause_id=one.row.pk,
            request_key=f"{CAUSE}:{one.row.pk}", occurred_at=at, effective_at=at,
        )  # fmt: skip
        for code, points in one.bonus["points"].items():
            credit = _credit(one.frozen, code, points, partner_id, at)
            wallet = _wallet(one.purchase.account_id, one.frozen.point_type_id(code))
            plans.credit(plan, wallet, [credit], at=at, source="issued", debt_share=debt_share)
        ledger.post([plan])


def _wallet(account_id: int, point_type_id: int) -> WalletView:
    """The wallet, locked before and read again: the return has moved it meanwhile. Every purchase opened all of them."""
    wallet_id = ledger.wallets_of([account_id])[account_id, point_type_id].id
    return ledger.lock_wallets([wallet_id])[wallet_id]


def _credit(frozen: FrozenProgram, code: str, points: int, partner_id: int | None, at: Any) -> Credit:
    life, zone = frozen.point_types[code], frozen.settings.timezone
    activates_at = starts_at(life["activation"], at, zone)
    return Credit(
        amount=points, rule="", version_id=None, partner_id=partner_id, activates_at=activates_at,
        expires_at=ends_at(life["expiry"], activates_at or at, zone), awaits=awaits(life["activation"]),
        idle=inactivity(life["expiry"]),
    )  # fmt: skip
