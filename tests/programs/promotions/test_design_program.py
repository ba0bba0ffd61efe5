"""The designer in a program: what it declares may be asked for, a clash names the other promotion, what is undone comes back."""

from typing import Any

import pytest

from loyalty.kernel import scope
from members.consents.models import ConsentPurpose
from members.profiles.models import MemberAttribute
from programs.promotions import queries, sentence, services
from programs.promotions.models import PromotionVersion
from programs.setup.models import EventKind
from tests import factories
from tests.browser.people import make_staff
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
EARN = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}}
KINDS = {"nickname": "text", "visits": "whole", "height": "number", "vegan": "yes_no", "moved": "date"}


class Room:
    """The designer of one promotion, open at its marketer's."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.shop = factories.make_program()
        self.client = signed_in(make_staff(self.shop.program_id, "marketer"))
        with self.entered():
            services.begin_promotion(code="NEW", name={"en": "New one"}, document=document)
            ConsentPurpose.objects.create(code="NEWS", name={"en": "News by e-mail"})
            for code, kind in KINDS.items():
                MemberAttribute.objects.create(code=code, name={"en": code.capitalize()}, kind=kind)
            brought = [("stars", "whole"), ("at", "instant")]
            EventKind.objects.create(
                code="REVIEW", name={"en": "Review"},
                attributes=[{"name": name, "type": kind, "required": False} for name, kind in brought],
            )  # fmt: skip

    def entered(self) -> Any:
        return scope.enter([self.shop.program_id], scope.SYSTEM)

    def page(self) -> Any:
        return self.client.get("/admin/promotions/NEW/design/")

    def send(self, **values: Any) -> Any:
        """A change of some fields; ``do``: a button. The draft that came of it."""
        seen = self.page().context["seen"]
        data = {"_program": self.shop.program_id, "seen": seen, **values}
        self.client.post("/admin/promotions/NEW/design/", data)
        return self.draft()

    def draft(self) -> Any:
        with self.entered():
            return PromotionVersion.objects.get(promotion__code="NEW").document

    def field(self, path: str) -> Any:
        """A field as the page shows it."""
        found = [field for part in self.page().context["parts"] for row in _rows(part.rows) for field in row.fields]
        return next(field for field in found if field.path == path)


def _rows(rows: Any) -> Any:
    for row in rows:
        yield row
        yield from _rows(row.rows)


def test_members_are_asked_about_what_the_program_declares():
    room = Room({"then": [EARN]})
    room.send(do="add:audience/of:member")
    offered = [option.value for option in room.field("audience/of/0/attr").options]

    assert offered[-7:] == [
        "member.balance.POINTS",
        *(f"member.{code}" for code in sorted(KINDS)),
        "member.consent.NEWS",
    ]
    assert offered[:5] == ["member.tier", "member.age", "member.city", "member.region", "member.since"]


@pytest.mark.parametrize(
    ("path", "typed", "test"),
    [
        ("member.visits", "7", {"cmp": "gte", "value": 7}),
        ("member.height", "1,75", {"cmp": "gte", "value": "1.75"}),
        ("member.nickname", "Bob", {"cmp": "eq", "value": "Bob"}),
        ("member.vegan", "false", {"cmp": "eq", "value": False}),
        ("member.moved", "2026-05-01", {"cmp": "gte", "value": "2026-05-01"}),
        ("member.consent.NEWS", "false", {"cmp": "eq", "value": False}),
        ("member.balance.POINTS", "500", {"cmp": "gte", "value": "500"}),
        ("member.language", "pl", {"cmp": "eq", "value": "pl"}),
    ],
)
def test_each_is_typed_as_what_it_is(path, typed, test):
    room = Room({"then": [EARN]})
    room.send(do="add:audience/of:member")
    room.send(**{"f:audience/of/0/attr": path})
    document = room.send(**{"f:audience/of/0/value": typed})

    assert document["audience"] == {"op": "all", "of": [{"op": "test", "attr": path, **test}]}
    with room.entered():
        assert services.problems_of({**document, "id": "NEW"}) == []


def test_who_was_never_asked_can_be_chosen_and_needs_no_value():
    room = Room({"then": [EARN]})
    room.send(do="add:audience/of:consent")
    asked = room.send(**{"f:audience/of/0/cmp": "is_missing"})
    assert asked["audience"]["of"] == [{"op": "test", "attr": "member.consent.NEWS", "cmp": "is_missing"}]
    back = room.send(**{"f:audience/of/0/cmp": "eq"})
    assert back["audience"]["of"] == [{"op": "test", "attr": "member.consent.NEWS", "cmp": "eq", "value": True}]


def test_an_event_is_asked_about_what_comes_with_it_and_a_purchase_is_not():
    room = Room({"then": [EARN]})
    room.send(**{"f:trigger/on": "event:REVIEW"})
    room.send(do="add:when/of:amount")
    assert "when" not in room.draft()
    room.send(do="add:when/of:event")
    document = room.send(**{"f:when/of/0/value": "4"})

    assert document["when"]["of"] == [{"op": "test", "attr": "event.stars", "cmp": "gte", "value": 4}]
    assert next(option.value for option in room.field("when/of/0/attr").options) == "event.stars"
    assert [part.title for part in room.page().context["parts"]][2:4] == ["What must have happened", "What they get"]


def test_the_sentence_calls_them_by_the_names_of_the_program():
    conditions = [
        {"op": "test", "attr": "member.consent.NEWS", "cmp": "eq", "value": True},
        {"op": "test", "attr": "member.visits", "cmp": "gte", "value": 3},
        {"op": "test", "attr": "member.balance.POINTS", "cmp": "gte", "value": "100"},
        {"op": "test", "attr": "member.language", "cmp": "eq", "value": "en"},
    ]
    room = Room({"then": [EARN]})
    with room.entered():
        said = sentence.text_of(queries.said({"audience": {"op": "all", "of": conditions}, "then": [EARN]}))

    assert said == (
        "For a purchase, for members with consent “News by e-mail”: yes, “Visits” at least 3, balance of “points” at least "
        "100 and language: “English” – members get: 10 points."
    )


def test_a_clash_names_the_other_promotion():
    room = Room({"phase": "base", "then": [{**EARN, "formula": {"kind": "rate", "points": "1", "per": "2.00"}}]})
    with room.entered():
        other = services.clashes_with_live({"id": "NEW", **room.draft()})[0].facts["rule"]
        name = queries.rule_names()[other]

    assert f"The base promotion “{name}” gives these points for every purchase already." in room.page().content.decode()


def test_what_was_undone_comes_back_until_something_else_changes():
    room = Room({"then": [EARN]})
    first = room.draft()
    changed = room.send(**{"f:priority": "5"})
    assert room.send(do="undo") == first
    assert room.page().context["can_redo"] is True
    assert room.send(do="redo") == changed
    assert room.page().context["can_redo"] is False

    room.send(do="undo")
    other = room.send(**{"f:priority": "7"})
    assert room.send(do="redo") == other


def test_nothing_is_added_that_the_page_does_not_offer():
    room = Room({"then": [EARN]})
    before = room.draft()
    for deed in (
        "add:then:webhook",
        "add:nowhere:member",
        "add:when/of:tier",
        "add:else:voucher",
        "add:then/0:position",
    ):
        assert room.send(do=deed) == before


def test_who_does_not_meet_the_conditions_is_told_so():
    room = Room({"when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"}, "then": [EARN]})
    room.send(do="add:else:message")
    document = room.send(**{"f:else/0/text/en": "Add {missing_amount}"})

    assert document["else"] == [{"effect": "message", "text": {"en": "Add {missing_amount}"}}]
    with room.entered():
        assert services.problems_of({**document, "id": "NEW"}) == []
