"""Effects as rows with fields: what is given, on which lines, under which condition, how long points live."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design import grants, life, metrics, offers
from programs.promotions.design.attributes import WHEN
from programs.promotions.design.conditions import Ground, condition_row, filter_row
from programs.promotions.design.fields import CHOICE, DECIMAL, MONEY, WHOLE, Field, Option
from programs.promotions.design.offers import Addition
from programs.promotions.design.rows import Row

Effect = Mapping[str, Any]
# Where only some lines may count.
FILTERED = ("earn", "discount", "nth_free", "burn")
TALK = ("message", "print")
# A formula of another kind, as it begins.
FORMULAS: Mapping[str, Mapping[str, Any]] = {
    "multiply": {"kind": "multiply", "factor": "2"},
    "fixed": {"kind": "fixed", "points": "100"},
    "rate": {"kind": "rate", "points": "1", "per": "1.00"},
    "per_unit": {"kind": "per_unit", "points": "10"},
    "table": {
        "kind": "table", "mode": "marginal", "position": {"measure": "amount", "window": {"this": "month"}},
        "rows": [{"from": "0", "points": "1", "per": "10.00"}, {"from": "500.00", "points": "2", "per": "10.00"}],
    },
}  # fmt: skip


def effect_row(effect: Effect, path: str, ground: Ground) -> Row:
    """One effect; of a kind that the page does not know it has no fields and stays as it is."""
    fields = effect_fields(effect, path, ground)
    if not fields:
        return Row(path, "")
    kind = effect["effect"]
    rows = list(_formula_rows(effect.get("formula", {}), f"{path}/formula", ground))
    if kind in FILTERED:
        rows.append(filter_row(effect, path, ground, _("Only on these lines")))
    rows += _bundle_rows(effect, path, ground)
    if kind == "nth_free" and "position" in effect:
        rows.append(_position(effect["position"], f"{path}/position", ground, _("Counted on after these")))
    if "if" in effect:
        inner = condition_row(effect["if"], f"{path}/if", WHEN, ground, can_move=False)
        inner.title, inner.can_remove = _("Only if"), True
        rows.append(inner)
    return Row(path, _title(effect), fields, rows, list(_additions(effect)), path)


def _additions(effect: Effect) -> Iterator[Addition]:
    """What more can be said of an effect."""
    if effect["effect"] == "nth_free" and "position" not in effect:
        counted = {"measure": "units", "where": effect.get("where", offers.new_filter()), "window": {"last_months": 12}}
        yield Addition("position", _("Count on after earlier purchases"), "history", counted, "position")
    if "if" not in effect and effect["effect"] not in TALK:
        amount = {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"}
        yield Addition("if", _("Only under a condition"), "rule", amount, "if")


def _title(effect: Effect) -> str:
    """What kind of effect it is, where its fields do not say so."""
    titles = {
        "discount": _("Money off"), "nth_free": _("Every so many pieces one free"), "bundle": _("A bundle for a price"),
        "voucher": _("Voucher"), "coupon": _("Voucher"), "message": _("Message"), "print": _("Line on the receipt"),
        "tier": _("Tier"), "segment_add": _("Place in a segment"), "segment_remove": _("Out of a segment"),
        "attribute_set": _("Property of the member"), "flag": _("Flag for review"), "burn": _("Deduct points"),
    }  # fmt: skip
    return titles.get(effect.get("effect", ""), "")


def effect_fields(effect: Effect, path: str, ground: Ground) -> list[Field]:
    """The fields of one effect without those of its parts."""
    palette = ground.palette
    if effect.get("effect") != "earn":
        return grants.fields(effect, path, grants.Around(palette.point_types, palette.currency, palette.choices))
    formula, place = effect["formula"], f"{path}/formula"
    if formula["kind"] not in FORMULAS:
        return []
    return [
        _kind(formula, place),
        *_formula(formula, place, palette.currency),
        Field(f"{path}/type", _("of type"), CHOICE, effect.get("type", palette.default_type), options=palette.point_types),
        *life.fields(effect, path, palette.events),
    ]  # fmt: skip


def _kind(formula: Effect, place: str) -> Field:
    kinds = [
        Option("multiply", _("Multiply points")), Option("fixed", _("Fixed points")),
        Option("rate", _("Points for the amount")), Option("per_unit", _("Points for each piece")),
        Option("table", _("Points by a table")),
    ]  # fmt: skip
    return Field(f"{place}/kind", _("what"), CHOICE, formula["kind"], options=kinds, role="kind")


def _formula(formula: Effect, place: str, currency: str) -> Iterator[Field]:
    kind = formula["kind"]
    steps = [Option("whole", _("for every full amount")), Option("proportional", _("in proportion"))]
    if kind == "multiply":
        yield Field(f"{place}/factor", _("times"), DECIMAL, formula.get("factor"))
    elif kind == "table":
        modes = [Option("marginal", _("each part by its own row")), Option("bracket", _("everything by one row"))]
        yield Field(f"{place}/mode", _("how the rows count"), CHOICE, formula.get("mode"), options=modes)
    else:
        yield Field(f"{place}/points", _("points"), DECIMAL, formula.get("points"))
    if kind == "fixed":
        every = formula.get("for_every", {})
        if "amount" in every:
            yield Field(f"{place}/for_every/amount", _("for every"), MONEY, every["amount"], suffix=currency)
        else:
            label = _("for every so many pieces (empty: once)")
            yield Field(f"{place}/for_every/units", label, WHOLE, every.get("units"), is_optional=True)
    if kind == "rate":
        yield Field(f"{place}/per", _("for every"), MONEY, formula.get("per"), suffix=currency)
        yield Field(f"{place}/step", _("counted"), CHOICE, formula.get("step", "whole"), options=steps)


def _formula_rows(formula: Effect, path: str, ground: Ground) -> Iterator[Row]:
    """The table of a formula, and what it goes on counting from."""
    if formula.get("kind") != "table":
        return
    currency, many = ground.palette.currency, len(formula["rows"]) > 1
    rows = [
        Row(f"{path}/rows/{index}", "", [
            Field(f"{path}/rows/{index}/from", _("from"), DECIMAL, row.get("from")),
            Field(f"{path}/rows/{index}/points", _("points"), DECIMAL, row.get("points")),
            Field(f"{path}/rows/{index}/per", _("for every"), MONEY, row.get("per"), is_optional=True, suffix=currency),
        ], can_move=False, can_remove=many)
        for index, row in enumerate(formula["rows"])
    ]  # fmt: skip
    last = formula["rows"][-1] if formula["rows"] else {}
    added = [Addition("row", _("Row"), "add", {**last, "from": ""})]
    yield Row(f"{path}/rows", _("The table"), [], rows, added, f"{path}/rows", can_move=False, can_remove=False)
    if "position" in formula:
        yield _position(formula["position"], f"{path}/position", ground, _("Its rows are counted on from"))
    else:
        counted = {"measure": "amount", "window": {"this": "month"}}
        addition = Addition("position", _("Count on from earlier purchases"), "history", counted, "position")
        yield Row(f"{path}/position", "", [], [], [addition], path, can_move=False, can_remove=False)


def _position(position: Effect, path: str, ground: Ground, title: str) -> Row:
    palette = ground.palette
    offered = metrics.measures((), counts_days=False)[:3]
    fields = metrics.metric_fields(
        position, path, ground.attributes, palette.events, palette.point_types, offered=offered
    )  # fmt: skip
    return Row(path, title, fields, can_move=False)


def _bundle_rows(effect: Effect, path: str, ground: Ground) -> Iterator[Row]:
    """The parts of a bundle, each with its filter."""
    parts = effect.get("parts", ())
    for index, part in enumerate(parts):
        place = f"{path}/parts/{index}"
        fields = [Field(f"{place}/units", _("pieces"), WHOLE, part.get("units", 1))]
        fields += metrics.products(part, place, ground.attributes)
        yield Row(place, _("In the bundle"), fields, can_move=False, can_remove=len(parts) > 1)
    if parts:
        added = [Addition("part", _("Another part"), "add", {"where": offers.new_filter()})]
        yield Row(f"{path}/parts", "", [], [], added, f"{path}/parts", can_move=False, can_remove=False)
