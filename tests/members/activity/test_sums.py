"""What purchases come to is the same whether the database adds them up or the rules look at each of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from loyalty.kernel import bulk, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import history, services, state, sums
from members.activity.intake import LineInput, PurchaseInput
from members.activity.models import BoughtDay, Evaluation, Purchase, PurchaseLine
from members.activity.operations import bought
from members.activity.services import ReturnInput
from members.ledger import invariants
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Context, Line, MemberView, Needs, RuleSet, needs
from programs.rules import Purchase as RulePurchase
from programs.rules.history import BASES
from programs.rules.state import State
from programs.tiers.models import Tier, TierScheme
from tests.factories import Shop, entered, make_member, make_product, make_program, publish
from tests.members.segments import population

pytestmark = pytest.mark.django_db

MEASURES = ("amount", "units", "purchases", "days", "days_since_last", "streak")
WINDOWS: tuple[Mapping[str, Any] | None, ...] = (
    None, {"last_days": 1}, {"last_days": 30}, {"last_days": 400}, {"last_months": 2}, {"last_hours": 1}, {"last_hours": 23},
    {"last_hours": 24}, {"last_hours": 49}, {"last_hours": 900}, {"this": "day"}, {"this": "week"}, {"this": "month"},
    {"this": "quarter"}, {"this": "year"}, {"previous": "day"}, {"previous": "week"}, {"previous": "month"},
    {"previous": "year"}, {"since": "2025-10-26"},
)  # fmt: skip
PERIODS = ("day", "week", "month", "quarter", "year")


def asks(field: str, cmp: str, value: Any) -> Mapping[str, Any]:
    return {"op": "test", "attr": f"line.{field}", "cmp": cmp, "value": value}


FILTERS: tuple[Mapping[str, Any] | None, ...] = (
    None, {"op": "true"}, asks("sku", "in", ["SKU1", "SKU2", "SKU13"]), asks("sku", "eq", "SKU12"),
    asks("product", "in", ["SKU3", "SKU13"]), asks("brand", "eq", "Alpha"), asks("brand", "in", ["Beta", "", 7]),
    asks("categories", "overlaps", ["food"]), asks("categories", "overlaps", ["food.cheese", "sport.ski", "sport"]),
    asks("categories", "overlaps", ["foo", "nothing"]),
)  # fmt: skip
# These look at purchases one by one; so do sums of more articles than are looked for.
OTHERS: tuple[Mapping[str, Any], ...] = (
    {"measure": "distinct:sku"},
    {"measure": "amount", "where": asks("qty", "gte", 2)},
    {"measure": "purchases", "txn_where": {"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "online"}},
)
# Around midnight and around both changes of the clock in Warsaw.
MOMENTS = (
    population.NOW,
    datetime(2026, 2, 28, 23, tzinfo=UTC),
    datetime(2026, 2, 28, 22, 59, 59, 999999, tzinfo=UTC),
    datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    datetime(2025, 10, 27, 0, 10, tzinfo=UTC),
    datetime(2025, 3, 30, 10, tzinfo=UTC),
    datetime(2025, 3, 31, 21, 30, tzinfo=UTC),
)


def asked() -> Iterator[dict[str, Any]]:
    for measure in MEASURES:
        windows = [{"this": period} for period in PERIODS] if measure == "streak" else WINDOWS
        for window in windows:
            for where in FILTERS:
                parts = {"window": window, "where": where}
                yield {"measure": measure, **{name: part for name, part in parts.items() if part is not None}}
    yield from ({**other} for other in OTHERS)


def ruleset(documents: list[dict[str, Any]], frozen: FrozenProgram) -> RuleSet:
    earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "1"}}
    return RuleSet.build(
        [
            {
                "schema": "promo/1", "id": f"R{number}", "then": [earn],
                # A streak is read only as far back as the rule compares it.
                "audience": {"op": "history", "cmp": "gte", "value": 50, **document},
            }
            for number, document in enumerate(documents)
        ],
        frozen.settings,
    )  # fmt: skip


def of_memory(rules: RuleSet, member: state.MemberState, at: datetime) -> dict[str, Any]:
    """The bases as the rules find them in the purchases themselves."""
    context = Context(member=MemberView(id="m"), purchase=RulePurchase(at=at), history=history.before(member, at))
    view = State(context, rules.settings, rules.filters)
    specs = [spec for rule in rules.rules for spec in rule.reads.history.values()]
    return {spec.key: view.history_base(spec) for spec in specs}


def of_sums(
    rules: RuleSet, members: Mapping[int, state.MemberState], at: datetime, frozen: FrozenProgram
) -> dict[int, dict[str, Any]]:
    """The bases as a door finds them: from sums, and where these are not enough from the purchases."""
    want = needs(rules, RulePurchase(at=at), MemberView(id="m"), takes_sums=True)
    asking = [history.Asking(member, at) for member in members]
    history.load(members, asking, [want] * len(asking), frozen)
    found = {}
    for one in asking:
        values = history.values(members[one.member_id], one, want, rules)
        context = Context(
            member=MemberView(id="m"), purchase=RulePurchase(at=at), history=history.before(members[one.member_id], at),
            history_values=values,
        )  # fmt: skip
        view = State(context, rules.settings, rules.filters)
        specs = [spec for rule in rules.rules for spec in rule.reads.history.values()]
        found[one.member_id] = {spec.key: view.history_base(spec) for spec in specs}
    return found


def loaded(member_ids: list[int], at: datetime, frozen: FrozenProgram) -> dict[int, state.MemberState]:
    """The members with all their purchases."""
    members = state.load(member_ids, frozen, earliest=at)
    everything = Needs(all_history=True, lines=True)
    history.load(members, [history.Asking(key, at) for key in members], [everything] * len(members), frozen)
    return members


def fresh(member_ids: list[int], at: datetime, frozen: FrozenProgram) -> dict[int, state.MemberState]:
    return state.load(member_ids, frozen, earliest=at)


def differences(
    rules: RuleSet, member_ids: list[int], at: datetime, frozen: FrozenProgram, recent: Mapping[int, list[Any]]
) -> list[Any]:
    documents = {spec.key: rule.document["audience"] for rule in rules.rules for spec in rule.reads.history.values()}
    one_by_one, together = loaded(member_ids, at, frozen), fresh(member_ids, at, frozen)
    for key, purchases in recent.items():
        for purchase in purchases:
            history.add(one_by_one[key], purchase, {})
            history.add(together[key], purchase, {})
    added_up = of_sums(rules, together, at, frozen)
    return [
        (at, key, documents[spec], value, added_up[key][spec])
        for key, member in one_by_one.items()
        for spec, value in of_memory(rules, member, at).items()
        if value != added_up[key][spec]
    ]


class TestPopulation:
    def test_sums_of_random_histories_are_what_the_rules_find_in_the_purchases(self):
        made = population.make(50)
        random = Random(31)
        with scope.enter([made.program_id], scope.SYSTEM), unit_of_work():
            assert bought.rebuild_days() == BoughtDay.objects.count() > 0
            frozen = snapshots.present()
            values = set()
            for at in MOMENTS:
                rules = ruleset(random.sample(list(asked()), 200), frozen)
                # Some have bought something else in the same batch.
                recent = {
                    key: [
                        RulePurchase(
                            at - timedelta(seconds=random.choice([0, 1, 4000, 90_000])), (line(random), line(random))
                        )
                        for _turn in range(2)
                    ]
                    for key in random.sample(made.member_ids, 15)
                }
                assert differences(rules, made.member_ids, at, frozen, recent) == []
                found = of_sums(rules, fresh(made.member_ids, at, frozen), at, frozen)
                values |= {str(value) for bases in found.values() for value in bases.values()}
            assert len(values) > 100, "the same everywhere proves nothing"

    def test_a_filter_of_very_many_articles_looks_at_the_purchases(self, monkeypatch):
        made = population.make(60)
        with scope.enter([made.program_id], scope.SYSTEM), unit_of_work():
            bought.rebuild_days()
            frozen = snapshots.present()
            food = {"measure": "amount", "where": asks("categories", "overlaps", ["food"])}
            many = {"measure": "amount", "where": asks("sku", "in", [f"SKU{n}" for n in range(sums.MOST_ARTICLES + 5)])}
            rules = ruleset([food, many], frozen)
            together = fresh(made.member_ids, population.NOW, frozen)

            of_sums(rules, together, population.NOW, frozen)

            assert any(member.loaded for member in together.values())
            assert differences(rules, made.member_ids, population.NOW, frozen, {}) == []
            alone = fresh(made.member_ids, population.NOW, frozen)
            of_sums(ruleset([food], frozen), alone, population.NOW, frozen)
            assert not any(member.loaded for member in alone.values())

    def test_every_summed_measure_is_one_that_the_rules_know(self):
        assert set(MEASURES) <= set(BASES)


def line(random: Random) -> Line:
    number = random.randrange(14)
    category = population.CATEGORIES[number % 5]
    known = number < 12
    return Line(
        "1", 1, sku=f"SKU{number}", product=f"SKU{number}" if known else None,
        categories=tuple(dict.fromkeys((category.split(".")[0], category))) if known else (),
        brand=("", "Alpha", "Beta")[number % 3] or None if known else None, qty=Decimal(random.choice([1, 2, 3])), paid=500,
    )  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    found = make_program(timezone="Europe/Warsaw", lateness_days=400, settings={"unknown_articles": "accept"})
    for number in range(6):
        make_product(
            found, f"A{number}", category=("food", "food.tea", "books")[number % 3], brand=("X", "Y")[number % 2]
        )
    return found


def buy(member_id: int, name: str, at: datetime, lines: list[tuple[str, str, int]]) -> PurchaseInput:
    return PurchaseInput(
        source="till", external_id=name, body_hash=name.encode().ljust(32), member_id=member_id, at=at, currency="USD",
        lines=tuple(
            LineInput(line_id=str(place), sku=sku, quantity=Decimal(quantity), unit_price=price)
            for place, (sku, quantity, price) in enumerate(lines, start=1)
        ),
    )  # fmt: skip


def days_of(member_id: int) -> list[tuple[str, int, int, int]]:
    rows = BoughtDay.objects.filter(member_id=member_id).order_by("day")
    return [(str(row.day), row.purchases, row.amount, row.units) for row in rows]


def broken() -> list[Any]:
    """What the self-audit finds of days and lines."""
    chosen = [one for one in invariants.INVARIANTS if one.code in ("L60", "L61")]
    assert len(chosen) == 2
    return [finding for one in chosen for finding in invariants.ask(one)]


class TestDoor:
    def test_days_are_local_and_net_of_returns(self, shop):
        anna = make_member(shop)
        evening, night = datetime(2026, 10, 20, 21, 59, tzinfo=UTC), datetime(2026, 10, 20, 22, 0, tzinfo=UTC)
        with entered(shop):
            services.record_purchases(
                [
                    buy(anna.member_id, "A", evening, [("A0", "2", 500), ("A1", "1.500", 1000)]),
                    buy(anna.member_id, "B", evening, [("A2", "1", 300)]),
                    buy(anna.member_id, "C", night, [("A2", "3", 300)]),
                ]
            )
            assert days_of(anna.member_id) == [("2026-10-20", 2, 2800, 4), ("2026-10-21", 1, 900, 3)]
            bring_back("A", "A-1", {"1": "1"}, night)
            bring_back("B", "B-1", {"1": "1"}, night)
            assert days_of(anna.member_id) == [("2026-10-20", 1, 2000, 2), ("2026-10-21", 1, 900, 3)]
            services.record_purchase(buy(anna.member_id, "LATE", evening - timedelta(days=3), [("A0", "1", 100)]))
            bring_back("A", "A-2", {"1": "1", "2": "1.500"}, night)
            assert days_of(anna.member_id)[:2] == [("2026-10-17", 1, 100, 1), ("2026-10-20", 0, 0, 0)]
            rows = PurchaseLine.objects.filter(purchase__external_id="C").values_list("member_id", "occurred_at")
            assert list(rows) == [(anna.member_id, night)]
            assert broken() == []

    def test_what_is_wrong_is_found_and_made_right(self, shop):
        anna = make_member(shop)
        at = datetime(2026, 10, 19, 12, tzinfo=UTC)
        with entered(shop):
            services.record_purchases(
                [buy(anna.member_id, f"R{day}", at - timedelta(days=day), [("A0", "1", 500)]) for day in range(4)]
            )
            right = days_of(anna.member_id)
            with unit_of_work():
                assert bought.rebuild_days() == 0
                BoughtDay.objects.filter(day="2026-10-19").update(amount=1)
                BoughtDay.objects.filter(day="2026-10-18").delete()
                BoughtDay.objects.filter(day="2026-10-17").update(day="2026-09-01")
                PurchaseLine.objects.filter(purchase__external_id="R0").update(occurred_at=at - timedelta(seconds=1))
            assert [(one.code, one.facts["day"]) for one in broken() if one.code == "L60"] == [
                ("L60", "2026-09-01"), ("L60", "2026-10-17"), ("L60", "2026-10-18"), ("L60", "2026-10-19"),
            ]  # fmt: skip
            assert [one.code for one in broken() if one.code != "L60"] == ["L61"]
            said = StringIO()
            call_command("rebuild_days", stdout=said)
            assert said.getvalue() == f"program {shop.program_id}: 4 days made right\n"
            assert days_of(anna.member_id) == right
            assert [one.code for one in broken()] == ["L61"]

    def test_a_tier_reached_in_the_batch_brings_rules_that_look_back(self, shop):
        anna = make_member(shop)
        at = datetime(2026, 10, 19, 9, tzinfo=UTC)
        silver = {"op": "test", "attr": "member.tier", "cmp": "gte", "value": "SILVER"}
        with entered(shop):
            scheme = TierScheme.objects.create(
                code="MAIN", name={"en": "Main"}, point_type_id=shop.point_types["POINTS"]
            )
            for rank, tier in enumerate(("BASIC", "SILVER")):
                Tier.objects.create(scheme=scheme, code=tier, name={"en": tier}, rank=rank, threshold=rank * 100)
        for code, asked_for in (
            ("SUM", {"measure": "purchases", "value": 2}),
            ("FOUND", {"measure": "distinct:sku", "value": 2}),
        ):
            past = {"op": "history", "window": {"last_days": 9}, "cmp": "gte", **asked_for}
            earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "7"}}
            document = {"schema": "promo/1", "audience": {"op": "all", "of": [silver, past]}, "then": [earn]}
            publish(shop, code, document)
        with entered(shop):
            services.record_purchase(buy(anna.member_id, "R0", at - timedelta(days=2), [("A0", "1", 100)]))
            services.record_purchases(
                [
                    buy(anna.member_id, "R1", at, [("A1", "1", 15000)]),
                    buy(anna.member_id, "R2", at + timedelta(hours=1), [("A2", "1", 100)]),
                ]
            )
            outcome = Evaluation.objects.get(purchase__external_id="R2").outcome
            assert sorted(grant["rule"] for grant in outcome["grants"]) == ["BASE", "FOUND", "SUM"]

    def test_a_line_of_the_release_before_is_filled_from_its_purchase(self, shop):
        anna = make_member(shop)
        at = datetime(2026, 10, 19, 9, tzinfo=UTC)
        with entered(shop):
            services.record_purchase(buy(anna.member_id, "R0", at, [("A0", "1", 100)]))
            columns = ["program", "purchase", "number", "line_id", "sku", "quantity", "unit", "amount", "list_amount",
                       "returned_quantity", "returned_amount"]  # fmt: skip
            bought_before = Purchase.objects.get()
            row = (shop.program_id, bought_before.pk, 2, "2", "A1", Decimal(1), "piece", 5, 5, Decimal(0), 0)
            bulk.insert(PurchaseLine, columns, [row])
            written = PurchaseLine.objects.get(number=2)
            assert (written.member_id, written.occurred_at) == (anna.member_id, at)

    def test_random_purchases_and_returns_leave_days_that_agree(self, shop):
        random = Random(5)
        members = [make_member(shop, number=f"M{number}").member_id for number in range(3)]
        begin = datetime(2026, 3, 28, 20, tzinfo=UTC)
        with entered(shop):
            frozen = snapshots.present()
            rules = ruleset(list(door_asked()), frozen)
            names: list[tuple[str, list[str]]] = []
            for turn in range(25):
                several = []
                for place in range(random.randrange(1, 5)):
                    at = begin + timedelta(minutes=random.randrange(60 * 24 * 6))
                    lines = [
                        (
                            f"A{random.randrange(8)}",
                            random.choice(["1", "2", "3", "0.700"]),
                            random.choice([0, 100, 999]),
                        )
                        for _line in range(random.randrange(1, 4))
                    ]
                    several.append(buy(random.choice(members), f"R{turn}-{place}", at, lines))
                    names.append((f"R{turn}-{place}", [quantity for _sku, quantity, _price in lines]))
                services.record_purchases(several)
                if turn % 2:
                    name, quantities = names.pop(random.randrange(len(names)))
                    whole = {str(place): quantity for place, quantity in enumerate(quantities, start=1)}
                    parts = {"1": "1"} if quantities[0] != "0.700" and random.random() < 0.5 else whole
                    bring_back(name, f"{name}-back", parts, begin + timedelta(days=7))
            assert broken() == []
            assert Purchase.objects.filter(is_returned=True).exists()
            for at in [begin + timedelta(hours=hours) for hours in (3, 5, 27, 60, 100, 200)]:
                assert differences(rules, members, at, frozen, {}) == []


def door_asked() -> Iterator[dict[str, Any]]:
    """The same questions of what this shop sells."""
    for document in asked():
        where = document.get("where")
        if where and where["op"] == "test" and where["attr"] == "line.sku":
            yield {**document, "where": asks("sku", "in", ["A1", "A7"])}
        elif where and where["op"] == "test" and where["attr"] == "line.brand":
            yield {**document, "where": asks("brand", "eq", "X")}
        else:
            yield document


def bring_back(purchase: str, name: str, lines: Mapping[str, str], at: datetime) -> None:
    parts = tuple((line_id, Decimal(quantity)) for line_id, quantity in lines.items())
    services.record_return(ReturnInput("till", purchase, name, name.encode().ljust(32), at, parts))
