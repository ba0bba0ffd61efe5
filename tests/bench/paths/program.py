"""The program that is measured: a hundred live promotions, a catalog, stores, rewards, members with cards and points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from loyalty.kernel import bulk, clock, ids, scope
from loyalty.kernel.models import ApiKey
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import Purchase
from members.activity.operations import bought
from members.ledger import operations as ledger
from members.ledger import plans
from members.ledger.plans import Credit, EntryPlan
from members.profiles import operations as profiles
from members.profiles.models import MemberTier
from members.profiles.operations import Enrolled, NewMember
from members.segments.models import Segment, SegmentMember
from programs.catalog.models import Category, Location, Product
from programs.promotions import services as promotions
from programs.promotions.models import Promotion
from programs.setup.models import PointType, Program
from programs.tiers.models import Tier, TierScheme
from rewards.catalog.models import Reward
from tests.bench.promotions import CATEGORIES, PRODUCTS, SEGMENTS, SETTINGS, STORES, TIERS, category
from tests.bench.promotions import promotions as documents

PROMOTIONS = 100
FIRST_CARD = 10_000_000
CHUNK = 1000
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
# Everybody is alike, so that a recorded request stands for all: a golden member of three segments who bought before.
TIER = "gold"
MEMBER_SEGMENTS = ("s1", "s2", "s3")
BOUGHT_BEFORE = 4
LOTS = 10
POINTS_A_LOT = 1_000_000
REWARDS = 50
FIRST_REWARD = 10
SCOPES = ("purchases.write", "members.read", "redemptions.write", "exports.read")


@dataclass(frozen=True)
class World:
    """What requests need to know: the program, its key's token, and which members take part."""

    program_id: int
    token: str
    members: int
    first: int = 0

    def card(self, number: int) -> str:
        """The card of a member by their number, from 0; cards have no gap."""
        return str(FIRST_CARD + self.first + number)


@contextmanager
def entered(program_id: int) -> Iterator[None]:
    """The scope of the program, as the system itself."""
    with scope.enter([program_id], scope.SYSTEM):
        yield


def made(members: int, *, code: str = "BENCH") -> World:
    """The program with so many members."""
    program_id = ids.take(1)[0]
    with entered(program_id):
        with unit_of_work():
            _set_up(program_id, code)
            _fill_catalog(program_id)
            key, token = ApiKey.issue(name="bench", scopes=list(SCOPES))
            key.save()
        _publish()
        for first in range(0, members, CHUNK):
            with unit_of_work():
                _enroll(program_id, range(first, min(first + CHUNK, members)))
        reckon_days(program_id)
    return World(program_id, token, members)


def reckon_days(program_id: int) -> None:
    """What members bought day by day, after purchases were written past the product."""
    with entered(program_id), unit_of_work():
        bought.rebuild_days()


def _set_up(program_id: int, code: str) -> None:
    Program.objects.create(
        id=program_id, code=code, name={"en": "Bench"}, currency="PLN", timezone="Europe/Warsaw",
        groups=SETTINGS.groups,
    )  # fmt: skip
    points = PointType.objects.create(code="POINTS", name={"en": "points"})
    scheme = TierScheme.objects.create(code="MAIN", name={"en": "Main"}, point_type=points)
    for rank, tier in enumerate(TIERS):
        # Out of reach: nobody changes their tier in the middle of a measurement.
        Tier.objects.create(scheme=scheme, code=tier, name={"en": tier}, rank=rank, threshold=rank * 10**12)
    for number in range(SEGMENTS):
        Segment.objects.create(code=f"s{number}", name={"en": f"s{number}"}, kind="static")
    for number in range(REWARDS):
        Reward.objects.create(
            code=f"R{FIRST_REWARD + number}", name={"en": "Cup"}, description={}, point_type=points, price=100
        )


def _fill_catalog(program_id: int) -> None:
    paths = [category(code) for code in range(CATEGORIES)]
    names = sorted({path.split(".")[0] for path in paths}) + paths
    keys = {
        name: Category.objects.create(program_id=program_id, code=name, name=name).pk for name in dict.fromkeys(names)
    }
    bulk.insert(
        Product,
        ["program", "sku", "name", "category", "brand"],
        [
            (program_id, f"p{number}", f"p{number}", keys[category(number % CATEGORIES)], f"b{number % 60}")
            for number in range(PRODUCTS)
        ],
    )
    for number in range(STORES):
        Location.objects.create(program_id=program_id, code=f"shop-{number}", name=f"shop-{number}")


def _publish() -> None:
    # Each has a priority of its own: of two alike in a group it would not be clear which comes first.
    for priority, document in enumerate(documents(PROMOTIONS), start=1):
        whole = {**document, "priority": priority, "then": [{**one, "type": "POINTS"} for one in document["then"]]}
        version = promotions.write_promotion(code=document["id"], name={"en": document["id"]}, document=whole)
        promotions.publish_version(version_id=version.pk, starts_at=None, now=clock.now())
    assert Promotion.objects.filter(state="live").count() >= PROMOTIONS - 1


def _enroll(program_id: int, numbers: range) -> None:
    new = [
        NewMember(number=f"M{number}", enrolled_at=LONG_AGO, cards=(str(FIRST_CARD + number),)) for number in numbers
    ]
    enrolled = profiles.add_members(new)
    point_type = PointType.objects.get()
    ledger.open_wallets([one.account_id for one in enrolled], [point_type.pk])
    tier = Tier.objects.get(code=TIER)
    bulk.insert(
        MemberTier,
        ["program", "member", "scheme", "tier", "since_at", "cause"],
        [(program_id, one.member_id, tier.scheme_id, tier.pk, LONG_AGO, "bench") for one in enrolled],
    )
    segments = Segment.objects.filter(code__in=MEMBER_SEGMENTS).values_list("pk", flat=True)
    bulk.insert(
        SegmentMember,
        ["program", "segment", "member", "since_at", "cause"],
        [(program_id, segment, one.member_id, LONG_AGO, "hand") for segment in segments for one in enrolled],
    )
    _give_points(enrolled, point_type.pk)
    _buy_before(program_id, enrolled)


def _give_points(enrolled: Sequence[Enrolled], point_type_id: int) -> None:
    """Lots of one size and several ends: a spending looks at all of them and takes from the first."""
    wallets = ledger.wallets_of([one.account_id for one in enrolled])
    at = clock.now() - timedelta(days=30)
    written = []
    for one in enrolled:
        plan = EntryPlan(
            account_id=one.account_id, kind="earn", cause_kind="bench", cause_id=None,
            request_key=f"bench:{one.account_id}", occurred_at=at, effective_at=at,
        )  # fmt: skip
        given = [
            Credit(POINTS_A_LOT, "", None, None, activates_at=None, expires_at=at + timedelta(days=400 + lot))
            for lot in range(LOTS)
        ]
        plans.credit(plan, wallets[one.account_id, point_type_id], given, at=at, source="issued", debt_share=100)
        written.append(plan)
    ledger.post(written)


def _buy_before(program_id: int, enrolled: Sequence[Enrolled]) -> None:
    """Purchases that gave nothing: nobody is new."""
    at = clock.now() - timedelta(days=40)
    columns = [
        "program", "member", "account", "source", "external_id", "channel", "till", "payment", "currency", "amount",
        "foreign_currency", "returned_amount", "paid_with_points", "line_count", "occurred_at", "occurred_date",
    ]  # fmt: skip
    rows = [
        (
            program_id, one.member_id, one.account_id, "past", f"past-{one.member_id}-{number}", "shop", "", "card",
            "PLN", 5000, "", 0, 0, 1, at - timedelta(days=number), (at - timedelta(days=number)).date(),
        )
        for one in enrolled
        for number in range(BOUGHT_BEFORE)
    ]  # fmt: skip
    bulk.insert(Purchase, columns, rows)
