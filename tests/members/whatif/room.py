"""Anna of the desk's room and a draft that doubles the points of large baskets; people to try it out."""

from dataclasses import dataclass
from typing import Any

from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from programs.catalog.models import Category, Location, Product
from programs.promotions import services as promotions
from programs.promotions.models import Promotion
from tests.browser.people import PASSWORD
from tests.members.desk.room import Room, open_room

DOUBLE = {
    "schema": "promo/1",
    "when": {
        "op": "all",
        "of": [
            {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "30.00"},
            {"op": "lines", "where": {"op": "test", "attr": "line.sku", "cmp": "in", "value": ["SKU2"]},
             "measure": "units", "cmp": "gte", "value": 2},
        ],
    },
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "multiply", "factor": "2"}}],
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """The desk's room with the draft DOUBLE."""

    room: Room
    promotion_id: int

    def save(self, document: dict[str, Any]) -> None:
        """Change the draft."""
        with self.room.world.entered():
            promotions.save_draft(promotion_id=self.promotion_id, document=document, name={"en": "Double"}, seen=None)

    def user(self, *names: str) -> User:
        """Somebody with these roles."""
        world = self.room.world
        user = User.objects.create_user(f"{'-'.join(names)}@example.com", PASSWORD, name="Marta")
        with world.entered():
            for name in names:
                roles.grant_role(user, name, world.program_id)
        return user


def open_bench(document: dict[str, Any] | None = None) -> Bench:
    """Anna bought a piece for 40 and two for 10 each an hour ago; DOUBLE asks for two of the second at 30 and more."""
    room = open_room()
    with room.world.entered():
        promotions.write_promotion(code="DOUBLE", name={"en": "Double"}, document=document or DOUBLE)
        category = Category.objects.create(program_id=room.world.program_id, code="bakery", name="Bakery")
        for sku, name in (("SKU1", "Rye bread"), ("SKU2", "Honey cake")):
            Product.objects.create(program_id=room.world.program_id, sku=sku, name=name, category=category)
        Location.objects.create(program_id=room.world.program_id, code="100", name="Main street")
        return Bench(room, Promotion.objects.get(code="DOUBLE").pk)
