"""What a promotion may give beside points: how each begins, and its fields.

Only what somebody carries out is offered, and of things to choose from (vouchers, messages, segments) only where the
program has some: who carries an effect out knows them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from loyalty.kernel import registries
from programs.promotions.design.fields import BOOLEAN, CHOICE, DECIMAL, LONG, MONEY, TEXT, WHOLE, Field, Option
from programs.promotions.design.offers import Addition, new_filter

Effect = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What the fields of effects need of the program; ``choices`` by effect: what it may name."""

    point_types: Sequence[Option]
    currency: str
    choices: Mapping[str, Sequence[Option]]


# What an effect names of the program, by effect.
CHOSEN: Mapping[str, str] = {
    "voucher": "template", "coupon": "template", "message": "template", "tier": "tier", "segment_add": "segment",
    "segment_remove": "segment", "attribute_set": "attr",
}  # fmt: skip


def additions(point_type: str) -> list[Addition]:
    """The effects beside earning that may be added here."""
    third = {"effect": "nth_free", "n": 3, "where": new_filter()}
    bundle = {"effect": "bundle", "price": "10.00", "parts": [{"where": new_filter()}, {"where": new_filter()}]}
    burn = {"effect": "burn", "type": point_type, "formula": {"kind": "fixed", "points": "10"}}
    offered = [
        Addition("percent_off", _("Percent off"), "sell", {"effect": "discount", "percent": "10"}),
        Addition("money_off", _("Money off"), "sell", {"effect": "discount", "amount": "5.00", "per": "selection"}),
        Addition("nth_free", _("Every so many pieces one free"), "filter_3", third),
        Addition("bundle", _("A bundle for a price"), "inventory", bundle),
        Addition("voucher", _("Voucher"), "confirmation_number", {"effect": "voucher"}),
        Addition("message", _("Message"), "mail", {"effect": "message"}),
        Addition("print", _("Line on the receipt"), "print", {"effect": "print", "text": {"en": _("Thank you")}}),
        Addition("tier", _("Tier"), "workspace_premium", {"effect": "tier"}),
        Addition("segment_add", _("Place in a segment"), "group_add", {"effect": "segment_add"}),
        Addition("attribute", _("Count up a property"), "exposure_plus_1", {"effect": "attribute_set", "add": "1"}),
        Addition("flag", _("Flag for review"), "flag", {"effect": "flag", "flag": "REVIEW", "severity": "warning"}),
        Addition("burn", _("Deduct points"), "remove", burn),
    ]
    found = []
    for one in offered:
        begun = _begun(one.node) if one.node["effect"] in registries.effect_names() else None
        if begun is not None:
            found.append(Addition(one.code, one.label, one.icon, begun))
    return found


def _begun(node: Effect) -> Effect | None:
    """The effect with the first thing that it may name; nothing where the program has none."""
    name = CHOSEN.get(node["effect"])
    if name is None:
        return node
    choices = registries.effect_choices(node["effect"], name)
    if node["effect"] == "message" and not choices:
        return {**node, "text": {"en": _("Thank you")}}
    return {**node, name: choices[0][0]} if choices else None


def fields(effect: Effect, path: str, around: Around) -> list[Field]:
    """The fields of one effect beside earning; one of a kind that the page does not know has none and stays as it is."""
    of_kind = _FIELDS.get(effect["effect"])
    return list(of_kind(effect, path, around)) if of_kind else []


def choices() -> dict[str, list[Option]]:
    """What each effect may name in the program in scope."""
    return {
        kind: [Option(code, words) for code, words in registries.effect_choices(kind, name)]
        for kind, name in CHOSEN.items()
        if kind in registries.effect_names()
    }


def _choice(effect: Effect, path: str, name: str, label: str, around: Around) -> Field:
    options = list(around.choices.get(effect["effect"], ()))
    present = str(effect.get(name, ""))
    if present not in {option.value for option in options}:
        # What is archived since stays chosen until somebody chooses another.
        options.insert(0, Option(present, present or pgettext("choice", "choose")))
    return Field(f"{path}/{name}", label, CHOICE, effect.get(name), options=options)


def _texts(effect: Effect, path: str) -> Iterator[Field]:
    texts = effect.get("text", {})
    for code, language in settings.LANGUAGES:
        yield Field(f"{path}/text/{code}", str(language), LONG, texts.get(code), is_optional=True)


def _discount(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    if "percent" in effect:
        yield Field(f"{path}/percent", _("percent off"), DECIMAL, effect["percent"], suffix="%")
    elif "amount" in effect:
        yield Field(f"{path}/amount", _("off"), MONEY, effect["amount"], suffix=around.currency)
        whole = [Option("selection", _("off all of them together")), Option("unit", _("off each piece"))]
        yield Field(f"{path}/per", _("counted"), CHOICE, effect.get("per", "unit"), options=whole)
    elif "price" in effect:
        yield Field(f"{path}/price", _("for the price of"), MONEY, effect["price"], suffix=around.currency)


def _nth_free(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    yield Field(f"{path}/n", _("of every so many pieces"), WHOLE, effect["n"])
    yield Field(f"{path}/get", _("so many"), WHOLE, effect.get("get"), is_optional=True)
    yield Field(f"{path}/percent", _("percent off (empty: free)"), DECIMAL, effect.get("percent"), is_optional=True)


def _bundle(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    yield Field(f"{path}/price", _("for the price of"), MONEY, effect["price"], suffix=around.currency)


def _voucher(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    called = [Option("voucher", _("Voucher")), Option("coupon", _("Coupon"))]
    yield Field(f"{path}/effect", _("called"), CHOICE, effect["effect"], options=called)
    yield _choice(effect, path, "template", _("which"), around)
    yield Field(f"{path}/valid_days", _("valid for days"), WHOLE, effect.get("valid_days"), is_optional=True)
    after = [Option("withdraw_if_unused", _("withdrawn if unused")), Option("ignore", _("kept"))]
    present = effect.get("on_reverse", "withdraw_if_unused")
    yield Field(f"{path}/on_reverse", _("when the goods come back"), CHOICE, present, options=after)


def _message(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    options = [Option("", _("the words written here")), *around.choices.get("message", ())]
    yield Field(f"{path}/template", _("which"), CHOICE, effect.get("template"), options=options, role="template")
    if "template" not in effect:
        yield from _texts(effect, path)


def _print(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    label = _("template (empty: the words written here)")
    yield Field(f"{path}/template", label, TEXT, effect.get("template"), is_optional=True, role="template")
    if "template" not in effect:
        yield from _texts(effect, path)


def _tier(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    yield _choice(effect, path, "tier", _("which"), around)
    days = effect.get("valid", {}).get("after_days")
    yield Field(f"{path}/valid/after_days", _("for days (empty: as the tiers say)"), WHOLE, days, is_optional=True)


def _segment(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    yield _choice(effect, path, "segment", _("which"), around)
    if effect["effect"] == "segment_add":
        yield Field(f"{path}/days", _("for days"), WHOLE, effect.get("days"), is_optional=True)


def _attribute(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    yield _choice(effect, path, "attr", _("which"), around)
    if "add" in effect:
        yield Field(f"{path}/add", _("by"), DECIMAL, effect["add"])
    elif "value" in effect:
        kinds = {bool: BOOLEAN, int: WHOLE}
        yield Field(f"{path}/value", _("becomes"), kinds.get(type(effect["value"]), TEXT), effect["value"])


def _flag(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    grades = [
        Option("info", pgettext("flag", "Notice")), Option("warning", pgettext("flag", "Warning")),
        Option("block", pgettext("flag", "Serious")),
    ]  # fmt: skip
    yield Field(f"{path}/flag", _("flag"), TEXT, effect["flag"])
    yield Field(f"{path}/severity", _("severity"), CHOICE, effect.get("severity", "warning"), options=grades)
    yield from _texts(effect, path)


def _burn(effect: Effect, path: str, around: Around) -> Iterator[Field]:
    if effect["formula"]["kind"] != "fixed":
        return
    default = around.point_types[0].value if around.point_types else ""
    yield Field(f"{path}/formula/points", _("points"), DECIMAL, effect["formula"].get("points"))
    yield Field(f"{path}/type", _("of type"), CHOICE, effect.get("type", default), options=around.point_types)


_FIELDS: Mapping[str, Callable[[Effect, str, Around], Iterator[Field]]] = {
    "discount": _discount, "nth_free": _nth_free, "bundle": _bundle, "voucher": _voucher, "coupon": _voucher,
    "message": _message, "print": _print, "tier": _tier, "segment_add": _segment, "segment_remove": _segment,
    "attribute_set": _attribute, "flag": _flag, "burn": _burn,
}  # fmt: skip
