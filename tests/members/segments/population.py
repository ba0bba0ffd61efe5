"""Thousands of random members of one program, with purchases, returns, gaps and odd values, written in bulk."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.kernel import bulk, ids, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import Evaluation, Event, Purchase, PurchaseLine
from members.consents.models import Consent, ConsentPurpose, ConsentText
from members.ledger.models import Wallet
from members.profiles.models import Account, AccountMember, Member, MemberTier, PersonalData
from members.segments.models import BITS, Segment, SegmentMask, SegmentMember
from programs.catalog.models import Category, Location, Product
from programs.promotions import snapshots
from programs.setup.models import EventKind, PointType, Program, Region
from programs.tiers.models import Tier, TierScheme

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
ZONE = "Europe/Warsaw"
CATEGORIES = ("food", "food.cheese", "food.bread", "sport", "sport.ski")
ODD = ("shoe", "tags", "place", "nested", "joined", "blank")


@dataclass(frozen=True)
class Made:
    """The program and its members."""

    program_id: int
    member_ids: list[int]


def make(count: int, *, seed: int = 7, code: str = "PARITY") -> Made:
    """A program of ``count`` members and all that conditions can read of them."""
    random = Random(seed)
    program_id = ids.take(1)[0]
    with scope.enter([program_id], scope.SYSTEM), unit_of_work():
        Program.objects.create(id=program_id, code=code, name={"en": code}, currency="EUR", timezone=ZONE)
        points = PointType.objects.create(code="POINTS", name={"en": "points"})
        status = PointType.objects.create(code="STATUS", name={"en": "status"}, decimals=2, position=1)
        _catalog(program_id)
        schemes = [_scheme(code, status) for code in ("MAIN", "SIDE")]
        snapshots.freeze(NOW)
        member_ids = _members(program_id, random, count)
        _tiers(program_id, random, member_ids, schemes)
        _consents(random, member_ids)
        _wallets(program_id, random, member_ids, [points.pk, status.pk])
        _segments(program_id, random, member_ids)
        _events(program_id, random, member_ids)
        _purchases(program_id, random, member_ids)
    return Made(program_id, member_ids)


def _catalog(program_id: int) -> None:
    found = {}
    for code in CATEGORIES:
        found[code] = Category.objects.create(program_id=program_id, code=code, name=code)
    for number in range(12):
        Product.objects.create(
            program_id=program_id, sku=f"SKU{number}", name=f"{number}", category=found[CATEGORIES[number % 5]],
            brand=("", "Alpha", "Beta")[number % 3], tax_rate=(None, Decimal("23.00"), Decimal("8.50"), 0)[number % 4],
        )  # fmt: skip
    north = Region.objects.create(code="NORTH", name={"en": "North"})
    Region.objects.create(code="SOUTH", name={"en": "South"})
    for number, zone in enumerate(("", "Asia/Tokyo", "America/New_York", "")):
        Location.objects.create(
            program_id=program_id, code=f"L{number}", name=f"{number}", timezone=zone,
            group=("", "big")[number % 2], region=north if number == 1 else None,
        )  # fmt: skip


def _scheme(code: str, points: PointType) -> TierScheme:
    scheme = TierScheme.objects.create(code=code, name={"en": code}, point_type=points)
    for rank, tier in enumerate(("BASIC", "SILVER", "GOLD")):
        Tier.objects.create(scheme=scheme, code=tier, name={"en": tier}, rank=rank, threshold=rank * 100)
    return scheme


def _attributes(random: Random) -> dict[str, Any]:
    """Declared attributes of every kind that JSON has, some empty, some of another kind than their neighbors'."""
    values: dict[str, Any] = {}
    if random.random() < 0.6:
        values["shoe"] = random.choice([36, 38, 40, 42, "40", "44", "large", 41.5, None, True])
    if random.random() < 0.5:
        values["tags"] = random.choice([["a"], ["a", "b"], ["b", 7], [], "a", ["c", True]])
    if random.random() < 0.3:
        values["place"] = random.choice([{"lat": 52.2, "lon": 21.0}, {"lat": "50.06", "lon": "19.94"}, {"lat": 1}, "x"])
    if random.random() < 0.4:
        values["nested"] = random.choice([{"deep": "x"}, {"deep": 5}, {"deep": {"deeper": "y"}}, "flat", {}])
    if random.random() < 0.3:
        values["joined"] = random.choice(["2024-02-29", "2025-03-05", "2020-12-30T10:00:00", "2023-02-27"])
    values["blank"] = None
    return values


def _members(program_id: int, random: Random, count: int) -> list[int]:
    keys = ids.take(count)
    regions = [None, None, *Region.objects.values_list("pk", flat=True)]
    rows = []
    for number, key in enumerate(keys):
        joined = NOW - timedelta(days=random.randrange(1500), hours=random.randrange(24))
        status = "erased" if number % 97 == 0 else random.choice(["active", "active", "active", "blocked"])
        language, region = random.choice(["en", "pl", "ru"]), random.choice(regions)
        rows.append((key, program_id, f"M{number}", status, language, region, _attributes(random), joined))
    columns = ("id", "program", "number", "status", "language", "region", "attributes", "enrolled_at")
    bulk.insert(Member, columns, rows)
    people = [(program_id, key, _birthday(random), _city(random)) for key in keys if random.random() < 0.9]
    columns = ("program", "member", "birthday", "city", "first_name", "last_name", "name_search")
    bulk.insert(PersonalData, columns, [(*row, "", "", "") for row in people])
    return keys


def _birthday(random: Random) -> date | None:
    if random.random() < 0.25:
        return None
    if random.random() < 0.08:
        return date(random.choice([1980, 1992, 2004]), 2, random.choice([28, 29]))
    if random.random() < 0.2:
        return date(random.randrange(1950, 2012), random.choice([2, 3, 12, 1]), random.choice([1, 2, 27, 28]))
    return date(1940, 1, 1) + timedelta(days=random.randrange(365 * 70))


def _city(random: Random) -> str:
    return random.choice(["", "", "Warszawa", "Kraków", "kraków", "Łódź", "Krosno"])


def _tiers(program_id: int, random: Random, members: list[int], schemes: list[TierScheme]) -> None:
    rows = []
    for scheme in schemes:
        tiers = list(scheme.tiers.order_by("rank").values_list("pk", flat=True))
        for member in random.sample(members, len(members) // 2):
            since, between = NOW - timedelta(days=400), NOW - timedelta(days=random.randrange(1, 300))
            if random.random() < 0.5:
                rows.append((program_id, member, scheme.pk, tiers[1], since, between, "x"))
            if random.random() < 0.7:
                rows.append((program_id, member, scheme.pk, random.choice(tiers), between, None, "x"))
    bulk.insert(MemberTier, ("program", "member", "scheme", "tier", "since_at", "ended_at", "cause"), rows)


def _consents(random: Random, members: list[int]) -> None:
    for code in ("EMAIL", "SMS"):
        purpose = ConsentPurpose.objects.create(code=code, name={"en": code})
        text = ConsentText.objects.create(purpose=purpose, version=1, text={"en": code})
        rows = []
        for member in random.sample(members, len(members) * 2 // 3):
            for turn in range(random.choice([1, 1, 2, 3])):
                decision = "given" if turn % 2 == 0 else "withdrawn"
                rows.append(
                    (purpose.program_id, member, purpose.pk, text.pk, decision, "checkbox", "en", "store", "",
                     "system", "system", f"{code}{member}{turn}", NOW)
                )  # fmt: skip
        columns = ("program", "member", "purpose", "text", "decision", "method", "language", "channel", "place",
                   "actor_kind", "actor_label", "request_key", "occurred_at")  # fmt: skip
        bulk.insert(Consent, columns, rows)


def _wallets(program_id: int, random: Random, members: list[int], types: list[int]) -> None:
    accounts = ids.take(len(members))
    bulk.insert(Account, ("id", "program", "kind"), [(key, program_id, "individual") for key in accounts])
    rows = [
        (program_id, account, member, "owner", True, True) for account, member in zip(accounts, members, strict=True)
    ]
    bulk.insert(AccountMember, ("program", "account", "member", "role", "may_spend", "is_primary"), rows)
    rows = []
    for account in accounts:
        rows += [
            (program_id, account, kind, random.choice([0, 50, 125, 1999]), 3, 0, random.choice([0, 0, 60]), 0, 0, False)
            for kind in types
            if random.random() < 0.8
        ]
    columns = ("program", "account", "point_type", "active", "pending", "reserved", "debt", "credit_limit", "version",
               "is_frozen")  # fmt: skip
    bulk.insert(Wallet, columns, rows)


def _segments(program_id: int, random: Random, members: list[int]) -> None:
    for code in ("VIP", "STAFF"):
        segment = Segment.objects.create(code=code, name={"en": code}, kind="static")
        rows = []
        for member in random.sample(members, len(members) // 3):
            ended = NOW - timedelta(days=1) if random.random() < 0.2 else None
            until = random.choice([None, None, NOW - timedelta(hours=1), NOW + timedelta(days=3)])
            rows.append((program_id, segment.pk, member, NOW - timedelta(days=9), until, ended, "hand"))
        columns = ("program", "segment", "member", "since_at", "until_at", "ended_at", "cause")
        bulk.insert(SegmentMember, columns, rows)
    for code, position in {"REGULARS": 1, "GUESTS": 64}.items():
        document = {"schema": "segment/1", "when": {"op": "true"}}
        Segment.objects.create(code=code, name={"en": code}, kind="dynamic", position=position, document=document)
    rows = [
        (program_id, member, word, random.getrandbits(BITS), NOW - timedelta(days=2))
        for member in random.sample(members, len(members) // 2)
        for word in (0, 1)
    ]
    bulk.insert(SegmentMask, ("program", "member", "word", "mask", "since_at"), rows)


def _moment(random: Random) -> datetime:
    """Often near now or near the edges of days and periods, sometimes years ago, seldom in the future."""
    choice = random.random()
    if choice < 0.1:
        return NOW + timedelta(minutes=random.randrange(-300, 120))
    days = random.randrange(8) if choice < 0.35 else random.randrange(90) if choice < 0.75 else random.randrange(900)
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC) - timedelta(days=days + 1)
    return midnight + timedelta(seconds=random.choice([-1, 0, 1]) if choice < 0.2 else random.randrange(86400))


def _events(program_id: int, random: Random, members: list[int]) -> None:
    kinds = [EventKind.objects.create(code=code, name={"en": code}).pk for code in ("REVIEW", "SURVEY")]
    rows = [
        (program_id, random.choice(kinds), member, "x", "", {}, _moment(random))
        for member in members
        for _ in range(random.choice([0, 0, 0, 1, 3]))
    ]
    bulk.insert(Event, ("program", "kind", "member", "source", "external_id", "attributes", "occurred_at"), rows)


def _purchases(program_id: int, random: Random, members: list[int]) -> None:
    places = [None, *Location.objects.values_list("pk", flat=True)]
    accounts = dict(AccountMember.objects.values_list("member_id", "account_id"))
    wanted = [member for member in members for _ in range(random.choice([0, 0, 1, 1, 2, 4]))]
    purchases, lines, evaluations = [], [], []
    for place, (key, member) in enumerate(zip(ids.take(len(wanted)), wanted, strict=True)):
        # Microseconds tell purchases of a member apart.
        at = _moment(random) + timedelta(microseconds=place % 100000)
        own = [_line(random, number) for number in range(1, random.choice([1, 1, 2, 3]) + 1)]
        lines += [(program_id, key, number, str(number), *line, member, at) for number, line in enumerate(own, start=1)]
        amount, back = sum(line[3] for line in own), sum(line[6] for line in own)
        purchases.append(
            (key, program_id, member, accounts[member], random.choice(places), "till", f"R{place}",
             random.choice(["store", "online"]), "", random.choice(["", "card", "cash"]), "EUR", amount, back,
             all(line[5] == line[1] for line in own), 0, len(own), at, at.astimezone(ZoneInfo(ZONE)).date())
        )  # fmt: skip
        if random.random() < 0.5:
            gained = {"POINTS": random.randrange(50), "STATUS": random.randrange(900)}
            evaluations.append((program_id, key, "purchase", 1, {"points": gained}))
            if back:
                taken = [["R", 0, "POINTS", random.randrange(9)], ["R", 1, "STATUS", 5]]
                evaluations.append((program_id, key, "return", 1, {"reversed": taken}))
    columns = ("id", "program", "member", "account", "location", "source", "external_id", "channel", "till", "payment",
               "currency", "amount", "returned_amount", "is_returned", "paid_with_points", "line_count", "occurred_at",
               "occurred_date")  # fmt: skip
    bulk.insert(Purchase, columns, purchases)
    columns = ("program", "purchase", "number", "line_id", "sku", "quantity", "unit", "amount", "list_amount",
               "returned_quantity", "returned_amount", "member_id", "occurred_at")  # fmt: skip
    bulk.insert(PurchaseLine, columns, lines)
    bulk.insert(Evaluation, ("program", "purchase", "kind", "snapshot_number", "outcome"), evaluations)


def _line(random: Random, number: int) -> tuple[Any, ...]:
    """SKU, quantity, unit, paid, before discounts, quantity and amount returned; some articles nobody knows."""
    quantity = Decimal(random.choice([1, 1, 1, 2, 3, 7]))
    unit = "piece"
    if random.random() < 0.15:
        quantity, unit = Decimal(random.choice(["0.350", "1.500", "2"])), "kg"
    full = random.choice([0, 99, 500, 1000, 1999, 12345])
    paid = full - random.choice([0, 0, full // 3])
    returned, back = Decimal(0), 0
    if random.random() < 0.2:
        returned = quantity if random.random() < 0.5 or quantity <= 1 else Decimal(1)
        back = paid if returned == quantity else int(paid * returned / quantity)
    return f"SKU{random.randrange(14)}", quantity, unit, paid, full, returned, back
