"""What stands around the conditions and effects of a promotion, as fields: its time, limits, payers, the others."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design import offers, starts
from programs.promotions.design.conditions import Ground
from programs.promotions.design.edits import at
from programs.promotions.design.fields import (
    CHOICE,
    DECIMAL,
    FLAG,
    MOMENT,
    NUMBERS,
    SHARE,
    TEXT,
    TIME,
    WHOLE,
    WORDS,
    Field,
    Option,
)
from programs.promotions.design.offers import Addition
from programs.promotions.design.rows import Palette, Part, Row

Document = Mapping[str, Any]
OPERATOR = "OPERATOR"


def start(document: Document, ground: Ground) -> Part:
    """What starts the promotion, and when it runs."""
    schedule = document["schedule"]
    fields = [
        *starts.fields(document["trigger"], ground),
        Field("phase", _("Kind"), CHOICE, document.get("phase", "bonus"), is_optional=True, options=[
            Option("bonus", _("a bonus on top of the base points")), Option("base", _("base points"))]),
        _moment("schedule/from", _("From"), schedule.get("from")),
        _moment("schedule/to", _("Until (not included)"), schedule.get("to")),
        Field("schedule/weekdays", _("Only on these days"), NUMBERS, schedule.get("weekdays"), is_optional=True,
              options=offers.weekday_options()),
    ]  # fmt: skip
    for index, window in enumerate(schedule.get("times") or [["", ""]]):
        fields += [
            _time(f"schedule/times/{index}/0", _("From the time"), window[0]),
            _time(f"schedule/times/{index}/1", _("Until the time"), window[1]),
        ]
    fields.append(
        Field("schedule/blackout", _("Not on these days"), WORDS, schedule.get("blackout"), is_optional=True,
              suffix=_("as 12-24 or 2026-12-24, with commas between them"))
    )  # fmt: skip
    return Part("start", _("When does it start"), _("What starts it, and when does it run?"), fields)


def _moment(path: str, label: str, value: Any) -> Field:
    """A moment of the program's time is chosen; one with a zone of its own stays a text, so that nothing is lost."""
    try:
        is_local = not value or datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        is_local = False
    shown = f"{value}T00:00" if is_local and value and len(value) == len("2026-01-31") else value
    return Field(path, label, MOMENT if is_local else TEXT, shown, is_optional=True)


def _time(path: str, label: str, value: Any) -> Field:
    """A time of the day; 24:00 is none for a browser."""
    return Field(path, label, TEXT if value == "24:00" else TIME, value or None, is_optional=True)


def limits(document: Document, palette: Palette) -> Part:
    """How much at most."""
    return Part(
        "limits",
        _("Limits and budget"),
        _("How much at most? Nothing here means no end: the cost is not limited."),
        rows=[
            Row(f"limits/{index}", "", list(_limit_fields(one, f"limits/{index}", palette)))
            for index, one in enumerate(document["limits"])
        ],
        additions=offers.limits(),
        adds_to="limits",
    )


def _limit_fields(limit: Document, path: str, palette: Palette) -> Iterator[Field]:
    scopes = [
        Option("member", _("for each member")), Option("account", _("for each account")),
        Option("transaction", _("for each purchase")), Option("store", _("in each store")),
        Option("partner", _("at each partner")), Option("promotion", _("for everybody together")),
        Option("campaign", _("for the whole campaign")), Option("program", _("for the whole program")),
    ]  # fmt: skip
    rare = {"household": _("for each household"), "recipient": _("for each recipient")}
    if limit.get("scope") in rare:
        scopes.append(Option(limit["scope"], rare[limit["scope"]]))
    periods = [
        Option("day", _("a day")), Option("week", _("a week")), Option("month", _("a month")),
        Option("quarter", _("a quarter")), Option("year", _("a year")), Option("lifetime", _("in all")),
    ]  # fmt: skip
    measures = [Option("points", _("points")), Option("uses", _("times")), Option("value", _("value in money"))]
    overflow = [Option("partial", _("grant what is left")), Option("all_or_nothing", _("grant nothing"))]
    measure = limit.get("measure", "points")
    yield Field(f"{path}/max", _("At most"), DECIMAL, limit.get("max"))
    yield Field(f"{path}/measure", _("counted in"), CHOICE, measure, options=measures)
    if measure == "points" and (len(palette.point_types) > 1 or "type" in limit):
        yield Field(
            f"{path}/type", _("of type"), CHOICE, limit.get("type", palette.default_type), options=palette.point_types
        )
    yield Field(f"{path}/scope", _("for"), CHOICE, limit.get("scope"), options=scopes, role="scope")
    if "rolling_days" in limit:
        yield Field(f"{path}/rolling_days", _("within days"), WHOLE, limit["rolling_days"])
    elif limit.get("scope") != "transaction":
        yield Field(f"{path}/period", _("in"), CHOICE, limit.get("period", "lifetime"), options=periods)
    yield Field(
        f"{path}/overflow", _("when it does not suffice"), CHOICE, limit.get("overflow", "partial"), options=overflow
    )


def others(document: Document, palette: Palette) -> Part:
    """How it stands beside the others."""
    returns = [
        Option("", _("as the return asks")), Option("recompute", _("count again without them")),
        Option("proportional", _("take back a share")), Option("keep", _("leave what was given")),
    ]  # fmt: skip
    fields = [
        Field("exclusive", _("Instead of all other bonuses"), FLAG, document.get("exclusive"), is_optional=True),
        Field("group", _("Group in which one wins"), CHOICE, document.get("group"), is_optional=True,
              options=[Option("", _("no group")), *palette.groups]),
        Field("priority", _("Priority (the smaller goes first)"), WHOLE, document.get("priority"), is_optional=True),
        Field("campaign", _("Campaign that it belongs to"), TEXT, document.get("campaign"), is_optional=True),
        Field("on_return", _("When goods come back"), CHOICE, document.get("on_return"), options=returns, is_optional=True),
        Field("holdout/percent", _("Control group (percent of members)"), DECIMAL, at(document, "holdout/percent"),
              is_optional=True),
    ]  # fmt: skip
    if "holdout" in document:
        label = _("Control group’s name (promotions of one name leave out the same members)")
        fields.append(Field("holdout/salt", label, TEXT, at(document, "holdout/salt"), is_optional=True))
    return Part("others", _("With other promotions"), _("How does it stand beside the others?"), fields)


def payers(document: Document, palette: Palette) -> Part:
    """Who pays for what is given."""
    options = [Option(OPERATOR, _("the operator")), *palette.partners]
    rows = [
        Row(f"funding/{index}", "", [
            Field(f"funding/{index}/partner", _("who"), CHOICE, one["partner"], options=options),
            Field(f"funding/{index}/share", _("pays"), SHARE, one["share"], suffix="%"),
        ], can_move=False)
        for index, one in enumerate(document.get("funding", ()))
    ]  # fmt: skip
    added = [Addition("operator", _("The operator"), "storefront", {"partner": OPERATOR, "share": "0.5"})]
    if palette.partners:
        first = palette.partners[0].value
        added.append(Addition("partner", _("A partner"), "handshake", {"partner": first, "share": "0.5"}))
    question = _("Who pays for it? Nothing here means: as the agreements with partners say.")
    return Part("funding", _("Who pays"), question, rows=rows, additions=added, adds_to="funding")
