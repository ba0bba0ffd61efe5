"""What a condition sees: a member, or a member together with one earlier purchase and one line of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from members.segments.models import BITS
from members.segments.sql.days import AgeValue, LocalDayValue
from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters
from members.segments.sql.values import (
    BooleanValue,
    DateValue,
    EitherValue,
    JsonValue,
    Missing,
    NumberValue,
    TextsValue,
    TextValue,
    TierValue,
    Value,
)
from programs.tiers.arithmetic import SchemeTerms

IN_FORCE = "s.ended_at IS NULL AND (s.until_at IS NULL OR s.until_at > {at})"


class Past(Protocol):
    """What is known of the history of the members."""

    def last(self, document: Mapping[str, Any], cmp: str, days: int) -> str:
        """Whether the local day of the last purchase stands so to the day that lies so many days back."""
        ...

    def raw(self, document: Mapping[str, Any]) -> str:
        """The value of a history in smallest units; null when there is nothing to measure."""
        ...

    def scale(self, document: Mapping[str, Any]) -> int:
        """What a value is divided by to be in the unit that a person writes."""
        ...


class Sight:
    """A member, by the alias ``m``, now. Tables beside the member's own are joined when something of them is read.

    :param joins: the joins so far, by what they bring.
    """

    def __init__(self, ground: Ground, parameters: Parameters) -> None:
        self.ground = ground
        self.parameters = parameters
        self.joins: dict[str, str] = {}
        self.program = parameters.add(ground.program_id, "bigint")

    def clock(self) -> str:
        """The local time of the shop, or of the program where there is none."""
        return self.parameters.add(self.ground.now, "timestamp")

    def day(self) -> str:
        """The local day of the shop or the program."""
        return self.parameters.add(self.ground.today, "date")

    def today(self) -> date | None:
        """The local day, where it is one for all rows."""
        return self.ground.today

    def instant(self) -> str:
        """The moment that schedules are asked about."""
        return self.parameters.add(self.ground.at, "timestamptz")

    def within(self, column: str) -> str:
        """What keeps the reading of a table to the members that are judged: said of each table, for no planner infers it."""
        return within(column, self.ground, self.parameters)

    def join(self, name: str, sql: str) -> None:
        """Join a table once."""
        self.joins.setdefault(name, sql)

    def once(self, sql: str) -> str:
        """The place of a value that is computed once a member, however many conditions read it."""
        return sql

    def attribute(self, path: str) -> Value:
        """The value of an attribute; one that cannot be here is missing."""
        entity, _, rest = path.partition(".")
        return self.member(rest) if entity == "member" else Missing()

    def member(self, rest: str) -> Value:
        """An attribute of the member: what the profile holds, else what the program declared."""
        if rest == "tier" or (rest.startswith("tier.") and rest.count(".") == 1):
            return self._tier(rest.partition(".")[2])
        if rest == "segments":
            return self._segments()
        if rest == "birthday":
            return self._birthday()
        kind, _, code = rest.partition(".")
        if kind in ("consent", "balance") and code:
            return self._consent(code) if kind == "consent" else self._balance(code)
        if rest == "age":
            return self._age()
        if rest == "city":
            self._personal()
            return TextValue("nullif(pd.city, '')")
        if rest == "language":
            return TextValue("m.language")
        if rest == "region":
            self.join("region", "LEFT JOIN programs_region mr ON mr.id = m.region_id")
            return EitherValue(TextValue("mr.code"), self._declared(rest))
        if rest == "since":
            timezone = self.ground.settings.timezone
            day = f"(m.enrolled_at AT TIME ZONE {self.parameters.add(timezone, 'text')})::date"
            return LocalDayValue(day, "m.enrolled_at", timezone)
        return self._declared(rest)

    def segment(self, code: str) -> str:
        """Whether the member is in a segment now."""
        key = self.ground.segments.get(code)
        if key is None:
            return "false"
        if code in self.ground.bits:
            word, bit = self.ground.bits[code]
            return (
                f"EXISTS (SELECT FROM members_segment_mask s WHERE s.member_id = m.id AND s.word = {word} "
                f"AND s.mask & {self.parameters.add(bit, 'bigint')} <> 0)"
            )
        held = IN_FORCE.format(at=self.parameters.add(self.ground.at, "timestamptz"))
        return (
            f"EXISTS (SELECT FROM members_segment_member s WHERE s.member_id = m.id "
            f"AND s.segment_id = {self.parameters.add(key, 'bigint')} AND {held})"
        )

    def _declared(self, rest: str) -> Value:
        """As one key, or step by step; the names are constants too, nobody writes SQL with them."""
        steps = [self.parameters.add(step, "text") for step in rest.split(".")]
        inner = "m.attributes" + "".join(f" -> {step}" for step in steps)
        if len(steps) == 1:
            return JsonValue(self.once(f"({inner})"))
        whole = f"nullif(m.attributes -> {self.parameters.add(rest, 'text')}, 'null'::jsonb)"
        return JsonValue(self.once(f"coalesce({whole}, {inner})"))

    def _personal(self) -> None:
        self.join(
            "personal",
            f"LEFT JOIN members_personal_data pd ON pd.member_id = m.id AND pd.program_id = {self.program}"
            f"{self.within('pd.member_id')}",
        )

    def _birthday(self) -> Value:
        self._personal()
        return DateValue("pd.birthday")

    def _age(self) -> Value:
        self._personal()
        day = self.day()
        year = f"extract(year FROM {day})::int"
        passed = f"({day} < {anniversary('pd.birthday', year)})::int"
        age, today = f"({year} - extract(year FROM pd.birthday)::int - {passed})", self.today()
        return NumberValue(self.once(age)) if today is None else AgeValue(age, "pd.birthday", today)

    def _tier(self, code: str) -> Value:
        schemes = [one for one in self.ground.schemes if not code or one.code == code][:1]
        return self._tier_in(schemes[0]) if schemes else Missing()

    def _tier_in(self, scheme: SchemeTerms) -> Value:
        """The tier in force; the lowest where none was ever given."""
        alias, at = f"t{scheme.id}", self.parameters.add(self.ground.at, "timestamptz")
        self.join(
            alias,
            f"LEFT JOIN (SELECT DISTINCT ON (member_id) member_id, tier_id FROM members_member_tier "
            f"WHERE scheme_id = {self.parameters.add(scheme.id, 'bigint')} AND program_id = {self.program} "
            f"AND since_at <= {at} AND (ended_at IS NULL OR {at} < ended_at){self.within('member_id')} "
            f"ORDER BY member_id, since_at) {alias} "
            f"ON {alias}.member_id = m.id",
        )
        lowest = self.parameters.add(scheme.tiers[0].id, "bigint")
        codes = {tier.id: tier.code for tier in scheme.tiers}
        return TierValue(f"coalesce({alias}.tier_id, {lowest})", codes, scheme.ranks)

    def _segments(self) -> Value:
        held = IN_FORCE.format(at=self.parameters.add(self.ground.at, "timestamptz"))
        # An aggregate over nothing is null: who is in no segment has none, and that is a missing value.
        by_condition = (
            f"SELECT g.code FROM members_segment_mask s JOIN members_segment g ON g.position / {BITS} = s.word "
            f"AND s.mask >> mod(g.position, {BITS}) & 1 = 1 AND g.archived_at IS NULL WHERE s.member_id = m.id"
        )
        by_hand = (
            "SELECT g.code FROM members_segment_member s JOIN members_segment g ON g.id = s.segment_id "
            f"WHERE s.member_id = m.id AND {held}"
        )
        return TextsValue(f"(SELECT array_agg(code::text) FROM ({by_hand} UNION ALL {by_condition}) held)")

    def _consent(self, code: str) -> Value:
        key = self.ground.purposes.get(code)
        if key is None:
            return Missing()
        alias = f"c{key}"
        self.join(
            alias,
            f"LEFT JOIN (SELECT DISTINCT ON (member_id) member_id, decision = 'given' AS is_given "
            f"FROM members_consent WHERE program_id = {self.program} "
            f"AND purpose_id = {self.parameters.add(key, 'bigint')}{self.within('member_id')} "
            f"ORDER BY member_id, id DESC) {alias} "
            f"ON {alias}.member_id = m.id",
        )
        return BooleanValue(f"{alias}.is_given")

    def _balance(self, code: str) -> Value:
        key = self.ground.point_types.get(code)
        if key is None:
            return Missing()
        alias = f"w{key}"
        self.join(
            alias,
            f"LEFT JOIN (SELECT a.member_id, w.active - w.debt AS held FROM members_account_member a "
            f"JOIN members_wallet w ON w.account_id = a.account_id WHERE a.is_primary "
            f"AND a.program_id = {self.program} AND w.point_type_id = {self.parameters.add(key, 'bigint')}"
            f"{self.within('a.member_id')}) {alias} "
            f"ON {alias}.member_id = m.id",
        )
        return NumberValue(scaled(f"{alias}.held", self.ground.settings.point_scale(code)))


def within(column: str, ground: Ground, parameters: Parameters) -> str:
    """More conditions of a WHERE that has some: the column is the key of a member who is judged."""
    ends = zip((">=", "<"), ground.members, strict=True)
    return "".join(f" AND {column} {sign} {parameters.add(key, 'bigint')}" for sign, key in ends if key is not None)


def scaled(raw: str, scale: int) -> str:
    """Smallest units in the unit that a person writes; exact, because a scale is a power of ten."""
    return raw if scale == 1 else f"({raw} * {1 / scale:.{len(str(scale)) - 1}f})"


def anniversary(day: str, year: str) -> str:
    """The anniversary in a year; 29 February is 28 February in a year that has none (C21)."""
    return f"({day} + make_interval(years => {year} - extract(year FROM {day})::int))::date"
