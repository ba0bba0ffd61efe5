"""The small second program: a café with books in Warsaw, in another currency and zone, with made-up members."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.demo import play
from loyalty.demo import rewards as demo_rewards
from loyalty.demo.journey import people
from loyalty.kernel import ids, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.intake import LineInput, PurchaseInput
from members.ledger import operations as ledger
from members.profiles import operations as profiles
from members.profiles.operations import NewMember
from programs.catalog.models import Category, Location, Product
from programs.promotions import services as promotions
from programs.setup.models import PointType, Program, ReasonCode

CODE = "CAFE"
ZONE = ZoneInfo("Europe/Warsaw")
MEMBERS = 40
VISITS_A_DAY = 0.06
SEED = "cafe"
PRODUCTS = (
    ("ESPRESSO", "Espresso", "drinks", 900),
    ("LATTE", "Latte", "drinks", 1450),
    ("TEA", "Herbata", "drinks", 1100),
    ("CAKE", "Ciasto dnia", "food", 1700),
    ("SANDWICH", "Kanapka", "food", 2150),
    ("PAPERBACK", "Książka", "books", 3990),
)

BASE = {
    "schema": "promo/1",
    "phase": "base",
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "rate", "points": "1", "per": "2.00"}}],
}
BOOKS = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["books"]}
BOOKWORM = {
    "schema": "promo/1",
    "when": {"op": "lines", "where": BOOKS, "measure": "units", "cmp": "gte", "value": 1},
    "then": [
        {"effect": "earn", "type": "POINTS", "formula": {"kind": "per_unit", "points": "10"}, "where": BOOKS},
    ],
}


def create(first_day: datetime) -> dict[int, int]:
    """The program before its first purchase; accounts by member. Under the scope that the caller entered."""
    with unit_of_work():
        Program.objects.create(
            id=scope.program_id(),
            code=CODE,
            name={"en": "Window Café", "pl": "Kawiarnia pod Oknem", "ru": "Кафе у окна"},
            currency="PLN",
            timezone=ZONE.key,
            language="pl",
            point_value="0.02",
        )
        points = PointType.objects.create(
            code="POINTS",
            name={"en": "beans", "pl": "ziarenka", "ru": "зёрна"},
            forms={
                "en": "bean, beans",
                "pl": "ziarenko, ziarenka, ziarenek",
                "ru": "зерно, зерна, зёрен",
            },
            expiry={"after_months": 12, "at": "end_of_month"},
        )
        ReasonCode.objects.create(
            code="GOODWILL",
            name={"en": "Goodwill", "pl": "Gest dobrej woli", "ru": "Жест доброй воли"},
            point_type=points,
            agent_limit=50,
        )
        Location.objects.create(
            program_id=scope.program_id(), code="window", name="Pod Oknem", city="Warszawa", timezone=ZONE.key
        )
        for code, title in (("drinks", "Napoje"), ("food", "Jedzenie"), ("books", "Książki")):
            Category.objects.create(program_id=scope.program_id(), code=code, name=title)
        for sku, product, category, _price in PRODUCTS:
            Product.objects.create(
                program_id=scope.program_id(), sku=sku, name=product, category=Category.objects.get(code=category)
            )
        demo_rewards.create(demo_rewards.CAFE)
    for code, name, document in (
        ("BASE", {"en": "A bean for 2 zł", "pl": "Ziarenko za 2 zł", "ru": "Зерно за 2 злотых"}, BASE),
        (
            "BOOKWORM",
            {"en": "Ten beans a book", "pl": "Dziesięć ziarenek za książkę", "ru": "Десять зёрен за книгу"},
            BOOKWORM,
        ),
    ):
        version = promotions.write_promotion(code=code, name=name, document=document)
        promotions.publish_version(version_id=version.pk, starts_at=None, now=first_day)
    return _enroll(first_day)


def _enroll(first_day: datetime) -> dict[int, int]:
    chosen = [people.person(number, SEED) for number in range(1, MEMBERS + 1)]
    with unit_of_work():
        enrolled = profiles.add_members(
            [
                NewMember(
                    number=f"C{person.household_id:04d}",
                    enrolled_at=first_day,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    email=f"cafe.{person.email}",
                    birthday=person.birthday,
                    city="Warszawa",
                    language="pl",
                    cards=(f"51{person.card_number[2:]}",),
                )
                for person in chosen
            ]
        )
        ledger.open_wallets([one.account_id for one in enrolled], list(PointType.objects.values_list("pk", flat=True)))
    return {one.member_id: one.account_id for one in enrolled}


def load(first: date, last: date) -> int:
    """Create the café and play its purchases from ``first`` to ``last``; the program's id."""
    program_id = ids.take(1)[0]
    with scope.enter([program_id], scope.SYSTEM):
        members = create(datetime.combine(first, datetime.min.time(), ZONE))
        events = [(one.at, one) for one in purchases_of(list(members), first, last)]
        play.play(events, ZONE, days=_days(first, last), report=lambda _done: None)
        demo_rewards.take_some(members, datetime.combine(last, datetime.min.time(), ZONE) + timedelta(days=1), most=5)
    return program_id


def purchases_of(members: Sequence[int], first: date, last: date) -> list[PurchaseInput]:
    """What the members buy from ``first`` to ``last``, in time order; the same at every call."""
    draw = random.Random(SEED)
    visits = sorted(
        (_visit(draw, day, member) for day in _days(first, last) for member in members if draw.random() < VISITS_A_DAY),
        key=lambda v: v[0],
    )
    return [_purchase(draw, number, at, member) for number, (at, member) in enumerate(visits, start=1)]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _visit(draw: random.Random, day: date, member: int) -> tuple[datetime, int]:
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(minutes=draw.randrange(8 * 60, 20 * 60)), member


def _purchase(draw: random.Random, number: int, at: datetime, member: int) -> PurchaseInput:
    lines = tuple(
        LineInput(line_id=str(place), sku=sku, quantity=Decimal(draw.choice((1, 1, 1, 2))), unit_price=price)
        for place, (sku, _name, _category, price) in enumerate(
            draw.sample(PRODUCTS, draw.choice((1, 2, 2, 3))), start=1
        )
    )
    return PurchaseInput(
        source="till",
        external_id=f"W{number:05d}",
        body_hash=play.digest(number, at, lines),
        member_id=member,
        at=at,
        lines=lines,
        currency="PLN",
        location="window",
    )
