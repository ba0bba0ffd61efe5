"""Rules that are right on their own and wrong side by side."""

import pytest

from programs.rules import ProgramSettings, clashes
from tests.programs.rules.builders import base, compare_to, earn, fixed, in_category, rate, rule

pytestmark = pytest.mark.pure

SETTINGS = ProgramSettings(groups={"f": "first", "b": "best"})
POINTS = earn(fixed("1"))


def found(*documents):
    return [one[:3] for one in clashes(documents, SETTINGS)]


def test_equal_priorities_in_a_group_where_the_first_wins():
    first, second = rule("A", POINTS, group="f", priority=1), rule("B", POINTS, group="f", priority=1)
    assert found(second, first) == [("B", "/priority", "priority_tie")]
    assert clashes([first, second], SETTINGS)[0][3] == {"group": "f", "rule": "A"}
    assert found(first, rule("B", POINTS, group="f", priority=2)) == []
    assert found(rule("A", POINTS, group="f"), rule("B", POINTS, group="f")) == [("B", "/priority", "priority_tie")]


def test_equal_priorities_elsewhere_are_settled_by_value_and_id():
    assert found(rule("A", POINTS, group="b"), rule("B", POINTS, group="b")) == []
    assert found(rule("A", POINTS), rule("B", POINTS)) == []


def test_a_group_holds_one_kind():
    discount = rule("D", {"effect": "discount", "percent": "10"}, group="b")
    assert found(rule("A", POINTS, group="b"), discount) == [("D", "/group", "group_of_two_kinds")]


def test_two_base_rules_for_everybody_on_the_same_basis():
    assert found(base(rule_id="A"), base(rule_id="B")) == [("B", "/then/0", "second_base_rule")]
    assert found(base(rule_id="A"), base(rate(basis="list"), rule_id="B")) == []
    assert found(base(rule_id="A"), base(rule_id="B", type="STATUS")) == []
    assert found(base(rule_id="A"), base(rule_id="B", where=in_category("a"))) == []
    assert found(base(rule_id="A"), {**base(rule_id="B"), "when": compare_to("txn.channel", "eq", "web")}) == []


def test_a_shared_limit_has_one_size():
    def limited(rule_id, most, campaign="C"):
        limit = {"id": "B", "scope": "campaign", "max": most}
        return rule(rule_id, POINTS, campaign=campaign, limits=[limit])

    assert found(limited("A", "10"), limited("B", "20")) == [("B", "/limits/0", "limit_differs")]
    assert found(limited("A", "10"), limited("B", "10")) == []
    assert found(limited("A", "10"), limited("B", "20", "D")) == []
