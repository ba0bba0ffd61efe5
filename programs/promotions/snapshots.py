"""Snapshots: what judges purchases, frozen at each publish, compiled once a process."""

import hashlib
import json
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from loyalty.kernel import scope
from programs.promotions.models import PromotionVersion, Snapshot
from programs.returns import queries as returns
from programs.returns.terms import TermsBook
from programs.rules import RuleSet
from programs.rules.context import PointTypeSettings, ProgramSettings
from programs.setup.models import PointType, Program
from programs.tiers import queries as tiers
from programs.tiers.arithmetic import scheme_from
from programs.tiers.models import TierScheme

KEPT_IN_MEMORY = 16
# Versions that ended longer ago than any purchase may arrive late are left out of new snapshots.
MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FrozenRule:
    """One version within a snapshot: who it is, when it holds, what it says."""

    version_id: int | None
    code: str
    name: Mapping[str, str]
    starts_at: datetime | None
    ends_at: datetime | None
    document: Mapping[str, Any]

    def holds(self, at: datetime) -> bool:
        """Whether the version judges a purchase of ``at``."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


class FrozenProgram:
    """A compiled snapshot. Rule sets are compiled per time at which the same versions hold, on first use."""

    def __init__(self, number: int, content: Mapping[str, Any]) -> None:
        self.number = number
        self.settings = settings_from(content["settings"])
        self.rules = tuple(_rule_from(document) for document in content["rules"])
        self.schemes = tuple(scheme_from(document) for document in content["tiers"])
        self.scheme_ranks = {scheme.code: scheme.ranks for scheme in self.schemes}
        self.point_types: Mapping[str, Mapping[str, Any]] = {
            entry["code"]: entry for entry in content["settings"]["point_types"]
        }
        self.zone = ZoneInfo(self.settings.timezone)
        self.returns = TermsBook(content.get("returns", ()))
        # What others make of its rules and want to make once; it goes when the snapshot goes.
        self.kept: dict[Hashable, Any] = {}
        # Between two of these instants the same versions hold.
        edges = {edge for rule in self.rules for edge in (rule.starts_at, rule.ends_at) if edge is not None}
        self._edges = sorted(edges)
        self._between: dict[int, tuple[RuleSet, Mapping[str, FrozenRule]]] = {}
        self._compiled: dict[tuple[int, ...], tuple[RuleSet, dict[str, FrozenRule]]] = {}
        self._lock = threading.Lock()

    def point_type_id(self, code: str) -> int:
        """The key of a point type by its code."""
        return int(self.point_types[code]["id"])

    def at(self, instant: datetime) -> tuple[RuleSet, Mapping[str, FrozenRule]]:
        """The rule set that judges a purchase of ``instant``, and its rules by code."""
        place = bisect_right(self._edges, instant)
        known = self._between.get(place)
        if known is not None:
            return known
        holding = tuple(index for index, rule in enumerate(self.rules) if rule.holds(instant))
        found = self._compiled.get(holding)
        if found is None:
            with self._lock:
                rules = [self.rules[index] for index in holding]
                compiled = RuleSet.build([rule.document for rule in rules], self.settings)
                found = self._compiled.setdefault(holding, (compiled, {rule.code: rule for rule in rules}))
        self._between[place] = found
        return found


def settings_from(document: Mapping[str, Any]) -> ProgramSettings:
    """The settings of a snapshot as the rules read them."""
    return ProgramSettings(
        currency=document["currency"],
        exponent=document["exponent"],
        timezone=document["timezone"],
        rounding=document["rounding"],
        basis=document["basis"],
        point_types=tuple(PointTypeSettings(entry["code"], entry["decimals"]) for entry in document["point_types"]),
        point_value={code: Decimal(value) for code, value in document["point_value"].items()},
        groups=document["groups"],
        earn_on=document["earn_on"],
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rule_from(document: Mapping[str, Any]) -> FrozenRule:
    return FrozenRule(
        version_id=document["version"],
        code=document["code"],
        name=document["name"],
        starts_at=_instant(document["from"]),
        ends_at=_instant(document["to"]),
        document=document["document"],
    )


def content_now(at: datetime) -> dict[str, Any]:
    """What a snapshot of the program in scope would hold at ``at``."""
    program = Program.objects.get()
    oldest = at - timedelta(days=program.lateness_days) - MARGIN
    schemes = list(TierScheme.objects.filter(archived_at__isnull=True).order_by("code").prefetch_related("tiers"))
    versions = (
        PromotionVersion.objects.filter(Q(effective__upper_inf=True) | Q(effective__endswith__gt=oldest))
        .select_related("promotion")
        .order_by("promotion__code", "number")
    )
    rules = [_version_document(version) for version in versions]
    rules += [benefit for place, scheme in enumerate(schemes) for benefit in _benefits(scheme, is_main=place == 0)]
    content: dict[str, Any] = {
        "settings": _settings_document(program),
        "rules": rules,
        "tiers": [tiers.document_of(scheme) for scheme in schemes],
    }
    # Most programs have none: their snapshots stay as they are.
    terms = returns.documents(program, oldest.date())
    return {**content, "returns": terms} if terms else content


def _version_document(version: PromotionVersion) -> dict[str, Any]:
    starts_at, ends_at = version.effective.lower, version.effective.upper
    return {
        "version": version.pk,
        "code": version.promotion.code,
        "name": dict(version.promotion.name),
        "from": starts_at.isoformat() if starts_at else None,
        "to": ends_at.isoformat() if ends_at else None,
        "document": {**version.document, "id": version.promotion.code},
    }


def _settings_document(program: Program) -> dict[str, Any]:
    types = PointType.objects.filter(archived_at__isnull=True).order_by("position", "id")
    return {
        "currency": program.currency,
        "exponent": program.exponent,
        "timezone": program.timezone,
        "rounding": program.rounding,
        "basis": program.basis,
        "earn_on": program.earn_on,
        "groups": program.groups,
        "point_value": {kind.code: str(program.point_value) for kind in types if kind.is_spendable},
        "point_types": [
            {
                "id": kind.pk, "code": kind.code, "decimals": kind.decimals, "activation": kind.activation,
                "expiry": kind.expiry, "is_spendable": kind.is_spendable,
            }
            for kind in types
        ],
    }  # fmt: skip


def _benefits(scheme: TierScheme, *, is_main: bool) -> list[dict[str, Any]]:
    """A tier's multiplier as a bonus rule of its own, explained like any other."""
    attribute = "member.tier" if is_main else f"member.tier.{scheme.code}"
    documents = []
    for tier in scheme.tiers.order_by("rank"):
        if tier.multiplier == 1:
            continue
        code = f"TIER:{scheme.code}:{tier.code}"
        spendable = PointType.objects.filter(is_spendable=True, archived_at__isnull=True).order_by("position").first()
        assert spendable is not None, "a program with tier benefits has points to spend"
        documents.append(
            {
                "version": None,
                "code": code,
                "name": dict(tier.name),
                "from": None,
                "to": None,
                "document": {
                    "schema": "promo/1",
                    "id": code,
                    "trigger": "purchase",
                    "audience": {"op": "test", "attr": attribute, "cmp": "eq", "value": tier.code},
                    "then": [
                        {
                            "effect": "earn",
                            "type": spendable.code,
                            "formula": {"kind": "multiply", "factor": f"{tier.multiplier.normalize():f}"},
                        }
                    ],
                },
            }
        )
    return documents


def freeze(at: datetime) -> Snapshot:
    """Write the next snapshot of the program in scope, within the caller's transaction; nothing when nothing changed."""
    # Publishing is rare: the program's row serialises it. Taken before the versions are read, or of two publishes at once
    # the later snapshot would miss the other's version.
    program = Program.objects.select_for_update(no_key=True).get()
    content = content_now(at)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    content_hash = hashlib.sha256(text.encode()).hexdigest()
    last = Snapshot.objects.filter(number=program.snapshot_number).first()
    if last is not None and last.content_hash == content_hash:
        return last
    number = program.snapshot_number + 1
    snapshot = Snapshot.objects.create(program_id=program.pk, number=number, content=content, content_hash=content_hash)
    Program.objects.filter(pk=program.pk).update(snapshot_number=number)
    return snapshot


class _Cache:
    """Compiled snapshots of this process, the least recently used dropped."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, int], FrozenProgram] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, program_id: int, number: int) -> FrozenProgram:
        key = (program_id, number)
        with self._lock:
            frozen = self._found.get(key)
            if frozen is not None:
                self._found.move_to_end(key)
                return frozen
        content = Snapshot.objects.values_list("content", flat=True).get(number=number)
        frozen = FrozenProgram(number, content)
        with self._lock:
            self._found[key] = frozen
            while len(self._found) > KEPT_IN_MEMORY:
                self._found.popitem(last=False)
        return frozen


_cache = _Cache()


def present() -> FrozenProgram:
    """The compiled snapshot that is in force for the program in scope."""
    number = Program.objects.values_list("snapshot_number", flat=True).get()
    return of_number(number)


def of_number(number: int) -> FrozenProgram:
    """A snapshot of the program in scope, as it was."""
    return _cache.get(scope.program_id(), number)
