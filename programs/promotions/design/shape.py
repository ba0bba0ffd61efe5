"""A document as parts, rows and fields: what the page draws and what it reads back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design import grants, offers, starts, tests
from programs.promotions.design.edits import at
from programs.promotions.design.effects import effect_fields
from programs.promotions.design.fields import CHOICE, DECIMAL, FLAG, MOMENT, NUMBERS, TIME, WHOLE, Field, Option
from programs.promotions.design.grants import Around
from programs.promotions.design.offers import Addition

Document = Mapping[str, Any]


@dataclass(slots=True)
class Row:
    """A condition, an effect or a limit with its fields; a group has rows within."""

    path: str
    title: str
    fields: list[Field] = field(default_factory=list)
    rows: list["Row"] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    adds_to: str = ""
    is_group: bool = False
    can_move: bool = True
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """One step of the page."""

    code: str
    title: str
    question: str
    fields: list[Field] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    additions: list[Addition] = field(default_factory=list)
    adds_to: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def is_faulty(self) -> bool:
        """Whether something in it keeps the promotion from being published."""
        return bool(self.problems) or any(one.problem for one in self.fields) or any(map(_is_faulty, self.rows))


def _is_faulty(row: Row) -> bool:
    return bool(row.problems) or any(one.problem for one in row.fields) or any(map(_is_faulty, row.rows))


@dataclass(frozen=True, slots=True)
class Palette:
    """What the program offers to choose from; ``grants`` are the effects beside earning that may be added."""

    currency: str
    point_types: Sequence[Option]
    groups: Sequence[Option]
    grants: Sequence[Addition] = ()
    choices: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    events: Sequence[Option] = ()

    @property
    def around(self) -> Around:
        """What the fields of effects need."""
        return Around(self.point_types, self.currency, self.choices)


def parts(document: Document, palette: Palette) -> list[Part]:
    """The steps of the page for a document in its normal form (:func:`edits.normal`)."""
    default_type = palette.point_types[0].value if palette.point_types else ""
    return [
        _start(document, palette),
        _conditions(document, "audience", _("For whom"), _("Which members take part? Nothing here means everybody.")),
        _conditions(
            document, "when", _("What must be in the basket"), _("Which purchases count? Nothing here means every one.")
        ),
        Part(
            "then",
            _("What they get"),
            _("What does the purchase earn?"),
            rows=[
                Row(f"then/{index}", _effect_title(one),
                    effect_fields(one, f"then/{index}", palette.around),
                    rows=[*_filter_rows(one, f"then/{index}"), *_part_rows(one, f"then/{index}")])
                for index, one in enumerate(document["then"])
            ],
            additions=[*offers.effects(default_type), *palette.grants],
            adds_to="then",
        ),
        Part(
            "limits",
            _("Limits and budget"),
            _("How much at most? Nothing here means no end: the cost is not limited."),
            rows=[
                Row(f"limits/{index}", "", list(_limit_fields(one, f"limits/{index}", palette)))
                for index, one in enumerate(document["limits"])
            ],
            additions=offers.limits(),
            adds_to="limits",
        ),
        _others(document, palette),
    ]  # fmt: skip


def _filter_rows(effect: Document, path: str) -> list[Row]:
    where = effect.get("where")
    if where is None or where.get("op") != "test":
        return []
    return [
        Row(
            f"{path}/where",
            _("Only on these lines"),
            tests.test_fields(where, f"{path}/where", "where"),
            can_move=False,
        )
    ]


def _part_rows(effect: Document, path: str) -> list[Row]:
    """The parts of a bundle, each with its filter."""
    rows = []
    for index, part in enumerate(effect.get("parts", ())):
        place, where = f"{path}/parts/{index}", part["where"]
        shown = tests.test_fields(where, f"{place}/where", "where") if where.get("op") == "test" else []
        rows.append(Row(place, _("In the bundle"), [*grants.part_fields(part, place), *shown], can_move=False))
    return rows


def _effect_title(effect: Document) -> str:
    """What kind of effect it is, where its fields do not say so."""
    titles = {
        "discount": _("Money off"), "nth_free": _("Every so many pieces one free"), "bundle": _("A bundle for a price"),
        "voucher": _("Voucher"), "coupon": _("Voucher"), "message": _("Message"), "print": _("Line on the receipt"),
        "tier": _("Tier"), "segment_add": _("Place in a segment"), "segment_remove": _("Out of a segment"),
        "attribute_set": _("Property of the member"), "flag": _("Flag for review"), "burn": _("Deduct points"),
    }  # fmt: skip
    return titles.get(effect.get("effect", ""), "")


def _start(document: Document, palette: Palette) -> Part:
    schedule = document["schedule"]
    fields = [
        *starts.fields(document["trigger"], palette.events, palette.currency),
        Field("phase", _("Kind"), CHOICE, document.get("phase", "bonus"), is_optional=True, options=[
            Option("bonus", _("a bonus on top of the base points")), Option("base", _("base points"))]),
        Field("schedule/from", _("From"), MOMENT, schedule.get("from"), is_optional=True),
        Field("schedule/to", _("Until (not included)"), MOMENT, schedule.get("to"), is_optional=True),
        Field("schedule/weekdays", _("Only on these days"), NUMBERS, schedule.get("weekdays"), is_optional=True,
              options=offers.weekday_options()),
    ]  # fmt: skip
    for index, window in enumerate(schedule.get("times") or [["", ""]]):
        fields += [
            Field(f"schedule/times/{index}/0", _("From the time"), TIME, window[0] or None, is_optional=True),
            Field(f"schedule/times/{index}/1", _("Until the time"), TIME, window[1] or None, is_optional=True),
        ]
    return Part("start", _("When does it start"), _("What starts it, and when does it run?"), fields)


def _conditions(document: Document, name: str, title: str, question: str) -> Part:
    group = document[name]
    return Part(name, title, question, rows=[_group_row(group, name, name)])


def _group_row(group: Document, path: str, room: str) -> Row:
    options = [
        Option("all", _("all of these hold")),
        Option("any", _("any of these holds")),
        Option("none", _("none of these holds")),
        Option("at_least", _("at least so many of these hold")),
    ]
    fields = [Field(f"{path}/op", _("How they are joined"), CHOICE, group["op"], options=options)]
    if group["op"] == "at_least":
        fields.append(Field(f"{path}/n", _("How many"), WHOLE, group.get("n", 1)))
    rows = [_condition_row(child, f"{path}/of/{index}", room) for index, child in enumerate(group["of"])]
    return Row(
        path, "", fields, rows, offers.conditions(room), f"{path}/of", is_group=True, can_move="/" in path
    )  # fmt: skip


def _condition_row(condition: Document, path: str, room: str) -> Row:
    if condition["op"] in ("all", "any", "none", "at_least"):
        return _group_row(condition, path, room)
    return Row(path, tests.title(condition), tests.condition_fields(condition, path, room))


def _limit_fields(limit: Document, path: str, palette: Palette) -> Iterator[Field]:
    scopes = [
        Option("member", _("for each member")), Option("account", _("for each account")),
        Option("transaction", _("for each purchase")), Option("store", _("in each store")),
        Option("partner", _("at each partner")), Option("promotion", _("for everybody together")),
    ]  # fmt: skip
    periods = [
        Option("day", _("a day")), Option("week", _("a week")), Option("month", _("a month")),
        Option("quarter", _("a quarter")), Option("year", _("a year")), Option("lifetime", _("in all")),
    ]  # fmt: skip
    measures = [Option("points", _("points")), Option("uses", _("times")), Option("value", _("value in money"))]
    overflow = [Option("partial", _("grant what is left")), Option("all_or_nothing", _("grant nothing"))]
    yield Field(f"{path}/max", _("At most"), DECIMAL, limit.get("max"))
    yield Field(f"{path}/measure", _("counted in"), CHOICE, limit.get("measure", "points"), options=measures)
    yield Field(f"{path}/scope", _("for"), CHOICE, limit.get("scope"), options=scopes)
    if limit.get("scope") != "transaction":
        yield Field(f"{path}/period", _("in"), CHOICE, limit.get("period", "lifetime"), options=periods)
    yield Field(
        f"{path}/overflow", _("when it does not suffice"), CHOICE, limit.get("overflow", "partial"), options=overflow
    )


def _others(document: Document, palette: Palette) -> Part:
    fields = [
        Field("exclusive", _("Instead of all other bonuses"), FLAG, document.get("exclusive"), is_optional=True),
        Field("group", _("Group in which one wins"), CHOICE, document.get("group"), is_optional=True,
              options=[Option("", _("no group")), *palette.groups]),
        Field("priority", _("Priority (the smaller goes first)"), WHOLE, document.get("priority"), is_optional=True),
        Field("holdout/percent", _("Control group (percent of members)"), DECIMAL, at(document, "holdout/percent"),
              is_optional=True),
    ]  # fmt: skip
    return Part("others", _("With other promotions"), _("How does it stand beside the others?"), fields)


def all_fields(found: Sequence[Part]) -> Iterator[Field]:
    """Every field of the page."""
    for part in found:
        yield from part.fields
        for row in part.rows:
            yield from _row_fields(row)


def _row_fields(row: Row) -> Iterator[Field]:
    yield from row.fields
    for inner in row.rows:
        yield from _row_fields(inner)
