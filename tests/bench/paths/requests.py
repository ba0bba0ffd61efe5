"""The requests that are measured: their bytes, the same for the web server and for a call in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from tests.bench.paths.program import FIRST_REWARD, REWARDS, World
from tests.bench.promotions import CHANNELS, PRODUCTS, SEED, STORES

LINES = 8
# Different baskets that come in turn; a script of R stands for each.
BASKETS = 2


@dataclass(frozen=True)
class Sent:
    """One request. ``inputs`` are the values that differ between requests, by name; ``basket`` tells what does not."""

    method: str
    path: str
    status: int
    inputs: Mapping[str, str]
    basket: int = 0
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()

    def raw(self, world: World) -> bytes:
        """The whole request as it goes over the wire."""
        content = self.content
        head = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost", "X-Forwarded-Proto: https"]
        head += [f"Authorization: Bearer {world.token}", *(f"{name}: {text}" for name, text in self.headers.items())]
        if content:
            head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join([*head, "", ""]).encode() + content


@dataclass(frozen=True)
class Kind:
    """One path: what its ``number``-th request is."""

    name: str
    make: Callable[[World, int, datetime], Sent]
    baskets: int = 1
    inputs: tuple[str, ...] = ()
    is_of_purchase: bool = False
    """Whether each request needs a purchase of its own before."""
    is_reading: bool = False

    def settings(self, world: World) -> dict[str, str]:
        """Where pgbench gets the inputs: random members, and numbers that come once, ``span`` for each client."""
        once = ":base + :client_id * :span + :turn"
        known = {
            "card": f"random({world.card(0)}, {world.card(world.members - 1)})",
            "reward": f"random({FIRST_REWARD}, {FIRST_REWARD + REWARDS - 1})",
            "external": once,
            "key": once,
        }
        return {"turn": ":turn + 1", **{name: known[name] for name in self.inputs}}


@cache
def _basket(number: int) -> dict[str, Any]:
    random = Random(SEED + number)
    lines = []
    for line in range(LINES):
        qty = random.choice([1, 1, 1, 2, 3])
        cents = random.randrange(90, 3000) * qty
        sku = f"p{random.randrange(PRODUCTS)}"
        lines.append(
            {"line_id": str(line + 1), "sku": sku, "qty": str(qty), "amount": f"{cents // 100}.{cents % 100:02d}"}
        )
    store = f"shop-{random.randrange(STORES)}"
    return {"store": store, "channel": random.choice(CHANNELS), "payment": "card", "currency": "PLN", "lines": lines}


def _member(world: World, number: int) -> str:
    return world.card(Random(number).randrange(world.members))


def earn(world: World, number: int, at: datetime) -> Sent:
    """A purchase of eight lines by a random member."""
    member, external_id, basket = _member(world, number), str(number), number % BASKETS
    body = {"external_id": external_id, "member": {"kind": "card", "value": member}, "at": at.isoformat()}
    inputs = {"card": member, "external": external_id}
    return Sent("POST", "/api/v1/transactions", 201, inputs, basket, {**body, **_basket(basket)})


def balance(world: World, number: int, at: datetime) -> Sent:
    """What a random member holds now."""
    member = _member(world, number)
    return Sent("GET", f"/api/v1/members/card:{member}/balance", 200, {"card": member})


def redeem(world: World, number: int, at: datetime) -> Sent:
    """A reward for points, for a random member."""
    member, reward = _member(world, number), FIRST_REWARD + number % REWARDS
    body = {"member": {"kind": "card", "value": member}, "reward": f"R{reward}", "quantity": 1}
    inputs = {"card": member, "reward": str(reward), "key": str(number)}
    return Sent("POST", "/api/v1/redemptions", 201, inputs, 0, body, {"Idempotency-Key": f"key-{number}"})


def bring_back(world: World, number: int, at: datetime) -> Sent:
    """One line of the purchase of the same number comes back."""
    body = {"external_id": str(number), "at": at.isoformat(), "lines": [{"line_id": "1", "qty": "1"}]}
    path = f"/api/v1/transactions/{number}/returns"
    return Sent("POST", path, 201, {"external": str(number)}, 0, body)


def earlier(world: World, numbers: Sequence[int], at: datetime) -> Sent:
    """The purchases of these numbers in one request, alike, for returns to come."""
    each = [
        {"external_id": str(number), "member": {"kind": "card", "value": _member(world, number)},
         "at": at.isoformat(), **_basket(0)}
        for number in numbers
    ]  # fmt: skip
    return Sent("POST", "/api/v1/transactions/batch", 207, {}, 0, {"transactions": each})


KINDS = {
    kind.name: kind
    for kind in (
        Kind("earn", earn, BASKETS, ("card", "external")),
        Kind("balance", balance, 1, ("card",), is_reading=True),
        Kind("redeem", redeem, 1, ("card", "reward", "key")),
        Kind("return", bring_back, 1, ("external",), is_of_purchase=True),
    )
}
