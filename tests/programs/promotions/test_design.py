"""The designer: fields of a document, what was typed becomes the document, problems at their fields, pages by role."""

import pytest

from loyalty.kernel import scope
from programs.promotions.design import Edit, edited, gallery, normal, read, tidied
from programs.promotions.design.fields import Option
from programs.promotions.design.shape import Palette
from programs.promotions.models import Promotion, PromotionVersion
from programs.rules import validate
from tests.browser.people import make_program, make_staff
from tests.kernel.pages.staff import signed_in
from tests.programs.promotions.sending import sent

PALETTE = Palette(
    "USD",
    [Option("POINTS", "points"), Option("STATUS", "status points")],
    [Option("SPORT", "SPORT")],
    events=[Option("SURVEY", "Survey")],
)
DOUBLE = {"then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "multiply", "factor": "2"}}]}
COFFEE = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["coffee"]}


def typed(document, **changes):
    data = sent(document, PALETTE) | {
        f"f:{path}": value if isinstance(value, list) else [value] for path, value in changes.items()
    }
    return tidied(read(document, data, PALETTE))


@pytest.mark.pure
class TestReading:
    @pytest.mark.parametrize("template", list(gallery.DOCUMENTS), ids=str)
    def test_an_untouched_page_changes_nothing_that_counts(self, template):
        document = gallery.document_of(template, "POINTS")
        once = typed(document)
        assert typed(once) == once
        before = [problem.path for problem in validate({"id": "A", **tidied(document)})]
        assert [problem.path for problem in validate({"id": "A", **once})] == before

    def test_a_comma_is_a_point_and_spaces_are_nothing(self):
        found = typed(DOUBLE, **{"then/0/formula/factor": "1 000,5"})
        assert found["then"][0]["formula"]["factor"] == "1000.5"

    def test_what_cannot_be_read_stays_as_it_was_typed_and_is_found_at_its_field(self):
        found = typed(DOUBLE, **{"then/0/formula/factor": "two"})
        assert found["then"][0]["formula"]["factor"] == "two"
        assert "/then/0/formula/factor" in [problem.path for problem in validate({"id": "A", **found})]

    def test_another_property_begins_anew(self):
        document = {**DOUBLE, "when": {"op": "all", "of": [
            {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"}]}}  # fmt: skip
        found = typed(document, **{"when/of/0/attr": "txn.store"})
        assert found["when"]["of"] == [{"op": "test", "attr": "txn.store", "cmp": "in", "value": []}]

    def test_days_are_numbers_of_the_language(self):
        assert typed(DOUBLE, **{"schedule/weekdays": ["5", "1", "9", "x"]})["schedule"] == {"weekdays": [1, 5]}

    def test_an_unknown_field_sets_nothing(self):
        once = typed(DOUBLE)
        assert typed(DOUBLE, **{"then/0/effect": "webhook", "id": "OTHER", "limits/0/max": "1"}) == once

    def test_a_choice_that_is_not_offered_is_not_taken(self):
        assert "type" not in typed(DOUBLE, **{"then/0/type": "GOLD-BARS"})["then"][0]

    def test_conditions_that_the_page_does_not_know_stay(self):
        strange = {"op": "streak_weeks", "cmp": "gte", "value": 4}
        document = {**DOUBLE, "audience": strange}
        assert typed(document)["audience"] == {"op": "all", "of": [strange]}


@pytest.mark.pure
class TestEditing:
    def test_adds_moves_and_removes_by_place(self):
        document = normal({**DOUBLE, "when": {"op": "all", "of": [COFFEE]}})
        node = {"op": "purchase_number", "cmp": "eq", "value": 1}
        added = edited(document, Edit("add", "when/of", node))
        assert added["when"]["of"] == [COFFEE, node]
        assert edited(added, Edit("up", "when/of/1"))["when"]["of"] == [node, COFFEE]
        assert edited(added, Edit("down", "when/of/0"))["when"]["of"] == [node, COFFEE]
        assert edited(added, Edit("remove", "when/of/0"))["when"]["of"] == [node]
        assert document["when"]["of"] == [COFFEE]

    @pytest.mark.parametrize("path", ["when/of/7", "when", "then/x", "nowhere/0", ""])
    def test_a_place_that_is_not_there_changes_nothing(self, path):
        document = normal(DOUBLE)
        assert [edited(document, Edit(deed, path)) for deed in ("remove", "up", "down")] == [document] * 3

    def test_empty_groups_are_not_kept(self):
        document = {**DOUBLE, "when": {"op": "all", "of": [{"op": "any", "of": []}]}, "limits": [], "schedule": {}}
        assert tidied(document) == DOUBLE


class Sender:
    """A client whose forms carry the program that they were drawn for."""

    def __init__(self, client, program_id):
        self.client, self.program_id = client, program_id
        self.get = client.get

    def post(self, address, data, **options):
        return self.client.post(address, {"_program": self.program_id, **data}, **options)


class TestPages:
    @pytest.fixture
    def staff(self, db):
        program_id = make_program()
        return lambda role: (Sender(signed_in(make_staff(program_id, role)), program_id), program_id)

    @pytest.fixture
    def shop(self, staff):
        return staff("marketer")

    def test_a_template_becomes_a_draft_and_every_change_is_kept(self, shop):
        client, program_id = shop
        answer = client.post("/admin/promotions/new/", {"name_en": "Big basket", "code": "BIG", "template": "basket"})
        assert (answer.status_code, answer["Location"]) == (302, "/admin/promotions/BIG/design/")
        page = client.get("/admin/promotions/BIG/design/")
        seen = page.context["seen"]
        client.post("/admin/promotions/BIG/design/", {"seen": seen, "f:when/of/0/value": "75"})
        with scope.enter([program_id], scope.SYSTEM):
            draft = PromotionVersion.objects.get(promotion__code="BIG")
        assert (draft.document["when"]["of"][0]["value"], draft.state) == ("75", "draft")
        conflict = client.post("/admin/promotions/BIG/design/", {"seen": seen, "f:when/of/0/value": "80"}, follow=True)
        assert "Somebody else has changed this promotion" in conflict.content.decode()
        with scope.enter([program_id], scope.SYSTEM):
            assert PromotionVersion.objects.get(promotion__code="BIG").document["when"]["of"][0]["value"] == "75"

    def test_publishing_and_stopping_by_hand(self, shop):
        client, program_id = shop
        client.post("/admin/promotions/new/", {"name_en": "Weekend", "code": "WEEKEND", "template": "weekend"})
        client.post("/admin/promotions/WEEKEND/do/publish/", {})
        assert "Live" in client.get("/admin/promotions/WEEKEND/").content.decode()
        client.post("/admin/promotions/WEEKEND/do/stop/", {"comment": "Enough"})
        page = client.get("/admin/promotions/WEEKEND/").content.decode()
        assert "Paused" in page
        assert "Enough" in page
        with scope.enter([program_id], scope.SYSTEM):
            assert Promotion.objects.get(code="WEEKEND").state == "paused"

    def test_an_analyst_reads_and_changes_nothing(self, staff):
        client, _program_id = staff("analyst")
        assert client.get("/admin/promotions/").status_code == 200
        assert client.get("/admin/promotions/new/").status_code == 403
        assert client.post("/admin/promotions/NONE/do/publish/", {}).status_code == 403

    def test_a_code_is_given_once(self, shop):
        client, _program_id = shop
        given = {"name_en": "Weekend", "code": "WEEKEND", "template": "weekend"}
        client.post("/admin/promotions/new/", given)
        again = client.post("/admin/promotions/new/", given)
        assert "This code is taken." in again.content.decode()

    def test_a_moment_that_cannot_be_read_publishes_nothing(self, shop):
        client, program_id = shop
        client.post("/admin/promotions/new/", {"name_en": "Weekend", "code": "WEEKEND", "template": "weekend"})
        client.post("/admin/promotions/WEEKEND/do/publish/", {"starts_at": "tomorrow"})
        with scope.enter([program_id], scope.SYSTEM):
            version = PromotionVersion.objects.get(promotion__code="WEEKEND")
        assert (version.state, version.effective) == ("draft", None)


@pytest.mark.pure
class TestStarts:
    def test_a_purchase_starts_a_promotion_where_nothing_is_said(self):
        assert "trigger" not in typed(DOUBLE)
        assert sent(DOUBLE, PALETTE)["f:trigger/on"] == ["purchase"]

    @pytest.mark.parametrize(
        ("chosen", "trigger"),
        [
            ("return", "return"),
            ("enrolment", "enrolment"),
            ("event:SURVEY", "event:SURVEY"),
            ("schedule", {"on": "schedule", "every": "day", "at": "09:00"}),
            ("tier_changed", {"on": "tier_changed", "direction": "up"}),
            (
                "metric_crossed",
                {"on": "metric_crossed", "metric": {"measure": "amount", "window": {"last_days": 365}}, "threshold": "1000.00"},
            ),
        ],
    )  # fmt: skip
    def test_another_start_begins_anew_and_back_leaves_nothing(self, chosen, trigger):
        found = typed(DOUBLE, **{"trigger/on": chosen})
        assert found["trigger"] == trigger
        assert validate({"id": "A", **found}) == []
        assert "trigger" not in typed(found, **{"trigger/on": "purchase"})

    def test_the_calendar_is_typed_field_by_field(self):
        daily = typed(DOUBLE, **{"trigger/on": "schedule"})
        weekly = typed(daily, **{"trigger/every": "week", "trigger/at": "18:30"})
        found = typed(weekly, **{"trigger/weekday": "5"})
        assert found["trigger"] == {"on": "schedule", "every": "week", "at": "18:30", "weekday": 5}
        assert validate({"id": "A", **found}) == []
