"""The fields of effects."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design import grants
from programs.promotions.design.fields import CHOICE, DECIMAL, MONEY, WHOLE, Field, Option
from programs.promotions.design.grants import Around

Effect = Mapping[str, Any]


def effect_fields(effect: Effect, path: str, around: Around) -> list[Field]:
    """The fields of one effect; of a kind that the page does not know it has none and stays as it is."""
    if effect.get("effect") != "earn":
        return grants.fields(effect, path, around)
    if effect["formula"]["kind"] not in ("fixed", "rate", "multiply", "per_unit"):
        return []
    point_types = around.point_types
    formula, place = effect["formula"], f"{path}/formula"
    default = point_types[0].value if point_types else ""
    fields = [_kind(formula, place)]
    if formula["kind"] == "multiply":
        fields.append(Field(f"{place}/factor", _("times"), DECIMAL, formula.get("factor")))
    else:
        fields.append(Field(f"{place}/points", _("points"), DECIMAL, formula.get("points")))
    fields.append(Field(f"{path}/type", _("of type"), CHOICE, effect.get("type", default), options=point_types))
    if formula["kind"] == "rate":
        steps = [Option("whole", _("for every full amount")), Option("proportional", _("in proportion"))]
        fields.append(Field(f"{place}/per", _("for every"), MONEY, formula.get("per"), suffix=around.currency))
        fields.append(Field(f"{place}/step", _("counted"), CHOICE, formula.get("step", "whole"), options=steps))
    fields.append(
        Field(f"{path}/activation/after_days", _("usable after days"), WHOLE, effect.get("activation", {}).get("after_days"),
              is_optional=True)
    )  # fmt: skip
    fields.append(
        Field(f"{path}/expiry/after_months", _("expiring after months"), WHOLE, effect.get("expiry", {}).get("after_months"),
              is_optional=True)
    )  # fmt: skip
    return fields


def _kind(formula: Effect, place: str) -> Field:
    kinds = [
        Option("multiply", _("Multiply points")), Option("fixed", _("Fixed points")),
        Option("rate", _("Points for the amount")), Option("per_unit", _("Points for each piece")),
    ]  # fmt: skip
    return Field(f"{place}/kind", _("what"), CHOICE, formula["kind"], options=kinds)
