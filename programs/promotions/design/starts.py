"""What starts a promotion: the trigger of the language as fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from loyalty.kernel import registries
from programs.promotions.design import metrics
from programs.promotions.design.conditions import Ground
from programs.promotions.design.fields import CHOICE, DECIMAL, MONEY, TIME, WHOLE, Field, Option
from programs.promotions.design.offers import weekday_options

# A trigger as it begins when it is chosen.
_BEGUN: Mapping[str, Mapping[str, Any]] = {
    "schedule": {"on": "schedule", "every": "day", "at": "09:00"},
    "metric_crossed": {
        "on": "metric_crossed", "metric": {"measure": "amount", "window": {"last_days": 365}}, "threshold": "1000.00",
    },
    "tier_changed": {"on": "tier_changed", "direction": "up"},
}  # fmt: skip


def begun(on: str) -> dict[str, Any]:
    """A trigger of another kind, as it begins."""
    return {**_BEGUN.get(on, {"on": on})}


def fields(trigger: Mapping[str, Any], ground: Ground) -> list[Field]:
    """What starts the promotion, and the details of it."""
    options = _options(ground.palette.events, trigger["on"])
    found = [Field("trigger/on", _("It starts with"), CHOICE, trigger["on"], options=options, role="trigger")]
    details = {"schedule": _calendar, "metric_crossed": _measure, "tier_changed": _tier}.get(trigger["on"])
    return [*found, *(details(trigger, ground) if details else ())]


def _options(events: Sequence[Option], present: str) -> list[Option]:
    offered = [
        Option("purchase", _("a purchase")),
        Option("return", _("a return")),
        Option("enrolment", _("joining the program")),
        Option("tier_changed", _("another tier")),
        Option("metric_crossed", _("reaching a threshold")),
        Option("schedule", _("the calendar")),
        Option("redemption", _("a redemption")),
        Option("points_expiring", _("points that are about to expire")),
        Option("voucher_used", _("a used voucher")),
        Option("voucher_expiring", _("a voucher that is about to expire")),
    ]
    # One that nothing starts stays where it stands; the problem at the field says so.
    known = [one for one in offered if one.value in (*registries.trigger_names(), present)]
    return [*known, *(Option(f"event:{one.value}", one.label, _("Events")) for one in events)]


def _calendar(trigger: Mapping[str, Any], ground: Ground) -> Iterator[Field]:
    every = [Option("day", _("every day")), Option("week", _("every week")), Option("month", _("every month"))]
    yield Field("trigger/every", _("How often"), CHOICE, trigger.get("every"), options=every, role="every")
    if trigger.get("every") == "week":
        yield Field(
            "trigger/weekday",
            _("On this day"),
            CHOICE,
            str(trigger.get("weekday", 1)),
            options=weekday_options(),
            role="weekday",
        )
    if trigger.get("every") == "month":
        yield Field("trigger/day", _("On this day of the month"), WHOLE, trigger.get("day", 1))
    yield Field("trigger/at", _("At the time"), TIME, trigger.get("at"), is_optional=True)


def _measure(trigger: Mapping[str, Any], ground: Ground) -> Iterator[Field]:
    metric, palette = trigger["metric"], ground.palette
    is_money = metric.get("measure") == "amount"
    yield from metrics.metric_fields(
        metric, "trigger/metric", ground.attributes, palette.events, palette.point_types,
        offered=metrics.measures(palette.events, counts_days=False),
    )  # fmt: skip
    yield Field(
        "trigger/threshold", _("Threshold"), MONEY if is_money else DECIMAL, trigger.get("threshold"),
        suffix=palette.currency if is_money else "",
    )  # fmt: skip
    directions = [Option("up", _("is reached")), Option("down", _("is no longer reached"))]
    yield Field("trigger/direction", _("It counts when it"), CHOICE, trigger.get("direction", "up"), options=directions)


def _tier(trigger: Mapping[str, Any], ground: Ground) -> Iterator[Field]:
    directions = [Option("up", pgettext("tier", "a higher one")), Option("down", pgettext("tier", "a lower one"))]
    yield Field("trigger/direction", _("Which one"), CHOICE, trigger.get("direction", "up"), options=directions)
