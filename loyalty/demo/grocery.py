"""The demo's grocery program, set up through the same services that people use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loyalty.demo import grocery_rules
from loyalty.demo import rewards as demo_rewards
from loyalty.demo.journey import catalog as journey_catalog
from loyalty.demo.journey import people, stores
from loyalty.kernel import bulk, ids, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.profiles import operations as profiles
from members.profiles.operations import NewMember
from partners.registry.models import Agreement, Partner
from programs.catalog.models import Category, Location, Product
from programs.promotions import services as promotions
from programs.setup.models import Brand, PointType, Program, ReasonCode, Region
from programs.tiers.models import Tier, TierScheme
from reports.library import services as reports

CODE = "GROCER"
PRODUCE_DEPARTMENT = "produce"


@dataclass(frozen=True, slots=True)
class Grocery:
    """The keys that playing the history needs: members by household, accounts by member."""

    program_id: int
    members: dict[int, int]
    accounts: dict[int, int]


def create_program() -> Program:
    """The program itself with its point types, reasons, region and brand."""
    program = Program.objects.create(
        id=scope.program_id(),
        code=CODE,
        name={"en": "Grocer Rewards", "pl": "Nagrody Grocer", "ru": "Бонусы Grocer"},
        currency="USD",
        timezone="America/New_York",
        language="en",
        point_value="0.01",
        lateness_days=30,
        settings={"card_check": "ean13"},
    )
    points = PointType.objects.create(
        code="POINTS",
        name={"en": "points", "pl": "punkty", "ru": "баллы"},
        position=1,
        expiry={"after_months": 6, "at": "end_of_month"},
    )
    PointType.objects.create(
        code="STATUS",
        name={"en": "status points", "pl": "punkty statusowe", "ru": "статусные баллы"},
        position=2,
        is_spendable=False,
    )
    Region.objects.create(
        code="EAST", name={"en": "East Coast", "pl": "Wschodnie Wybrzeże", "ru": "Восточное побережье"}
    )
    Brand.objects.create(code=CODE, name={"en": "Grocer", "pl": "Grocer", "ru": "Grocer"})
    for code, name, debit, limit in (
        ("GOODWILL", {"en": "Goodwill", "pl": "Gest dobrej woli", "ru": "Жест доброй воли"}, False, 100),
        ("MISSING", {"en": "Missing purchase", "pl": "Brakujący zakup", "ru": "Неучтённая покупка"}, False, 500),
        ("MISTAKE", {"en": "Mistake corrected", "pl": "Korekta pomyłki", "ru": "Исправление ошибки"}, True, 200),
    ):
        ReasonCode.objects.create(code=code, name=name, point_type=points, allows_debit=debit, agent_limit=limit)
    return program


def create_tiers() -> None:
    """Basic, Silver and Gold by status points of three months."""
    scheme = TierScheme.objects.create(
        code="STATUS",
        name={"en": "Status", "pl": "Status", "ru": "Статус"},
        point_type=PointType.objects.get(code="STATUS"),
        window_months=3,
        valid_months=12,
    )
    for rank, (code, name, threshold, multiplier) in enumerate(
        (
            ("BASIC", {"en": "Basic", "pl": "Podstawowy", "ru": "Базовый"}, 0, "1"),
            ("SILVER", {"en": "Silver", "pl": "Srebrny", "ru": "Серебряный"}, 300, "1.1"),
            ("GOLD", {"en": "Gold", "pl": "Złoty", "ru": "Золотой"}, 900, "1.25"),
        )
    ):
        Tier.objects.create(scheme=scheme, code=code, name=name, rank=rank, threshold=threshold, multiplier=multiplier)


def create_partners(sources: Sequence[stores.Partner], first_day: datetime) -> dict[str, int]:
    """Six manufacturers and two groups of stores, each with an agreement; keys by code."""
    found = {}
    for number, source in enumerate(sources):
        is_manufacturer = source.kind == stores.PartnerKind.MANUFACTURER
        partner = Partner.objects.create(
            program_id=scope.program_id(),
            code=source.code,
            name=source.name,
            kind="manufacturer" if is_manufacturer else "retailer",
            contact_email=f"{source.code}@example.com",
        )
        Agreement.objects.create(
            partner=partner,
            starts_date=first_day.date(),
            currency="USD",
            issue_price=1000 + 25 * number,
            redeem_price=900 + 20 * number,
            commission="2.00",
            funds_base=not is_manufacturer,
        )
        found[source.code] = partner.pk
    return found


def create_catalog(sources: Sequence[stores.Partner], partners: dict[str, int]) -> str:
    """Categories, products and stores of the data; the code of the produce department."""
    program = scope.program_id()
    categories = journey_catalog.read_categories()
    keys = dict(zip((category.code for category in categories), ids.take(len(categories)), strict=True))
    bulk.insert(
        Category,
        ["id", "program", "code", "name", "parent"],
        [(keys[c.code], program, c.code, c.name, keys.get(c.parent_code or "")) for c in categories],
    )
    makers = {partner.manufacturer_id: partners[partner.code] for partner in sources}
    bulk.insert(
        Product,
        ["program", "sku", "name", "category", "brand", "partner"],
        [
            (
                program,
                str(one.product_id),
                one.name[:200],
                keys[one.category_code],
                one.brand or "",
                makers.get(one.manufacturer_id),
            )
            for one in journey_catalog.read_products()
        ],
    )
    bulk.insert(
        Location,
        ["program", "code", "name", "city", "group", "timezone", "partner"],
        [
            (
                program,
                one.code,
                one.name,
                "",
                one.partner_code or "",
                one.time_zone,
                partners.get(one.partner_code or ""),
            )
            for one in stores.read_locations()
        ],
    )
    return next(code for code in keys if code.split(".")[0] == PRODUCE_DEPARTMENT and "." not in code)


def publish_promotions(produce_category: str, largest: stores.Partner, now: datetime) -> None:
    """The base rule and four promotions, in force since ever, so that the whole history is judged by them."""
    for rule in (
        grocery_rules.BASE,
        grocery_rules.produce(produce_category),
        grocery_rules.HAPPY_MORNING,
        grocery_rules.BASKET,
        grocery_rules.brand(largest.name, largest.code),
    ):
        version = promotions.write_promotion(code=rule["code"], name=rule["name"], document=rule["document"])
        promotions.publish_version(version_id=version.pk, starts_at=None, now=now)


def enroll(households: Sequence[int], enrolled_at: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """A member for each household: member ids by household, account ids by member."""
    wanted = set(households)
    chosen = [person for person in people.read_people() if person.household_id in wanted]
    enrolled = profiles.add_members(
        [
            NewMember(
                number=f"G{person.household_id:06d}",
                enrolled_at=enrolled_at,
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
                phone=person.phone,
                birthday=person.birthday,
                city=person.city,
                language=person.language,
                cards=(person.card_number,),
            )
            for person in chosen
        ]
    )
    types = list(PointType.objects.values_list("pk", flat=True))
    ledger.open_wallets([one.account_id for one in enrolled], types)
    members = {person.household_id: one.member_id for person, one in zip(chosen, enrolled, strict=True)}
    return members, {one.member_id: one.account_id for one in enrolled}


def schedule_reports(now: datetime) -> None:
    """Reports that come by themselves, and two that are asked for at once."""
    for report, frequency, formats in (
        ("movement", "month", ("pdf", "xlsx")),
        ("partners", "month", ("xlsx",)),
        ("promotions", "week", ("pdf",)),
    ):
        reports.schedule_report(
            report=report, frequency=frequency, hour=6, formats=formats, emails=["analyst@example.com"], language="en",
            user=None, now=now,
        )  # fmt: skip


def request_reports(first: date, last: date) -> None:
    """Ask for two reports about the loaded time; a worker makes them."""
    for report in ("movement", "expiry"):
        reports.request_report(
            report=report, first=first, last=last, formats=["pdf", "xlsx", "csv"], language="en", user=None
        )


def create(first_day: datetime, households: Sequence[int]) -> Grocery:
    """Everything of the grocery program before its first purchase, under a scope that :mod:`load_demo` entered."""
    sources = stores.read_partners()
    with unit_of_work():
        program = create_program()
        create_tiers()
        partners = create_partners(sources, first_day)
        produce_category = create_catalog(sources, partners)
        demo_rewards.create(demo_rewards.GROCERY, partners)
    publish_promotions(produce_category, sources[0], first_day)
    with unit_of_work():
        members, accounts = enroll(households, first_day)
    return Grocery(program.pk, members, accounts)
