"""The demo's reward catalogs, their pictures, and members who take rewards."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from loyalty.demo.journey import pictures
from loyalty.kernel import files
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from programs.setup.models import PointType
from rewards.catalog.models import Reward
from rewards.redemption import services
from rewards.redemption.operations import RewardUnavailable

# (code, kind, picture, price, stock, name, description)
GROCERY = (
    ("COFFEE", "gift", "coffee", 150, None,
     {"en": "Cup of coffee", "pl": "Filiżanka kawy", "ru": "Чашка кофе"},
     {"en": "At the bar of any store.", "pl": "W barze każdego sklepu.", "ru": "В баре любого магазина."}),
    ("BREAD", "gift", "bread", 200, 400,
     {"en": "Loaf of bread", "pl": "Bochenek chleba", "ru": "Буханка хлеба"},
     {"en": "Fresh from the oven.", "pl": "Prosto z pieca.", "ru": "Прямо из печи."}),
    ("FRUIT", "gift", "produce", 300, 250,
     {"en": "Basket of fruit", "pl": "Kosz owoców", "ru": "Корзина фруктов"},
     {"en": "Three pounds of the season.", "pl": "Trzy funty owoców sezonu.", "ru": "Три фунта сезонных фруктов."}),
    ("CARD-5", "voucher", "gift_card", 500, None,
     {"en": "5 dollars off", "pl": "5 dolarów zniżki", "ru": "Скидка 5 долларов"},
     {"en": "On any basket, once.", "pl": "Na dowolny koszyk, raz.", "ru": "На любую корзину, один раз."}),
    ("FLOWERS", "gift", "flowers", 800, 60,
     {"en": "Bunch of flowers", "pl": "Bukiet kwiatów", "ru": "Букет цветов"},
     {"en": "Picked by the florist.", "pl": "Wybrany przez florystkę.", "ru": "На выбор флориста."}),
    ("CINEMA", "voucher", "cinema", 1200, 80,
     {"en": "Two cinema tickets", "pl": "Dwa bilety do kina", "ru": "Два билета в кино"},
     {"en": "Any film, any day.", "pl": "Dowolny film, dowolny dzień.", "ru": "Любой фильм, любой день."}),
    ("BAG", "gift", "bag", 350, 0,
     {"en": "Shopping bag", "pl": "Torba na zakupy", "ru": "Сумка для покупок"},
     {"en": "Cotton, with the store's mark.", "pl": "Bawełniana, ze znakiem sklepu.", "ru": "Хлопковая, со знаком магазина."}),
    ("CHARITY", "charity", "charity", 100, None,
     {"en": "A meal for somebody", "pl": "Posiłek dla kogoś", "ru": "Обед для нуждающегося"},
     {"en": "The food bank gets it.", "pl": "Trafia do banku żywności.", "ru": "Передаётся в продовольственный фонд."}),
)  # fmt: skip

CAFE = (
    ("ESPRESSO", "gift", "coffee", 80, None,
     {"en": "Espresso", "pl": "Espresso", "ru": "Эспрессо"},
     {"en": "Single.", "pl": "Pojedyncze.", "ru": "Одинарный."}),
    ("BOOK", "gift", "book", 900, 25,
     {"en": "Paperback book", "pl": "Książka w miękkiej oprawie", "ru": "Книга в мягкой обложке"},
     {"en": "From the shelf by the window.", "pl": "Z półki przy oknie.", "ru": "С полки у окна."}),
)  # fmt: skip


def create(definitions: Sequence[tuple[object, ...]], partners: Mapping[str, int] | None = None) -> None:
    """Write a catalog with its pictures into the program in scope."""
    points = PointType.objects.get(code="POINTS")
    suppliers = sorted((partners or {}).values())
    for number, row in enumerate(definitions):
        code, kind, picture, price, stock, name, description = row
        drawn = files.store(
            io.BytesIO(pictures.picture(str(picture)).encode()),
            kind="reward-picture",
            name=f"{str(code).lower()}.svg",
            content_type="image/svg+xml",
        )
        Reward.objects.create(
            code=code, kind=kind, picture=drawn, price=price, stock=stock, name=name, description=description,
            point_type=points, partner_id=suppliers[number % len(suppliers)] if suppliers and number % 2 else None,
        )  # fmt: skip


def take_some(members: Mapping[int, int], midnight: datetime, *, most: int) -> int:
    """Let up to ``most`` of ``members`` (account by member), drawn by the day, take what they can afford; how many did."""
    drawn = sorted(members, key=lambda member: hashlib.sha256(f"{midnight.date()}:{member}".encode()).digest())[
        : most * 3
    ]
    catalog = list(Reward.objects.filter(archived_at__isnull=True).order_by("-price"))
    balances = dict(
        Wallet.objects.filter(account_id__in=[members[one] for one in drawn], point_type__code="POINTS").values_list(
            "account_id", "active"
        )
    )
    taken = 0
    for member_id in drawn:
        affordable = [one for one in catalog if one.price <= balances[members[member_id]] and one.stock != 0]
        if not affordable or taken >= most:
            continue
        reward = affordable[member_id % min(3, len(affordable))]
        try:
            services.redeem_reward(
                member_id=member_id, reward_id=reward.pk, quantity=1,
                request_key=f"demo:{midnight.date()}:{member_id}", channel="store", at=midnight,
            )  # fmt: skip
        except (RewardUnavailable, ledger.InsufficientPoints):
            continue
        taken += 1
    return taken
