"""Judging a batch of purchases in the order of time: everything is read at once, then judged one after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.conf import settings

from loyalty.kernel import ids, registries
from loyalty.kernel.errors import NotFound, Refusal
from members.activity import decision, history, intake, periods, state
from members.activity.around import around_of
from members.activity.decision import Decision, Surroundings
from members.activity.intake import PurchaseInput
from members.activity.used import used_of
from members.ledger.models import Lot
from programs.catalog import queries as catalog
from programs.promotions import snapshots
from programs.rules import Context, MemberView, Needs, Purchase, RuleSet, needs
from programs.rules.dates import local
from programs.rules.history import canonical
from programs.setup import rates, terms
from programs.setup.models import Program


class MemberBlocked(Refusal):
    """The member is blocked and takes no part."""

    code = "activity.member_blocked"


@dataclass(slots=True)
class Prepared:
    """A purchase read and checked, before it is judged."""

    given: PurchaseInput
    purchase: Purchase
    location: catalog.LocationFacts | None
    ruleset: RuleSet
    rules: Mapping[str, snapshots.FrozenRule]

    @property
    def asking(self) -> history.Asking:
        """Whose history the rules ask for, and when."""
        return history.Asking(self.given.member_id, self.purchase.at)


def _needs(one: Prepared, view: MemberView) -> Needs:
    return needs(one.ruleset, one.purchase, view, takes_sums=True)


@lru_cache(maxsize=16)
def _asks_for_segments(frozen: snapshots.FrozenProgram) -> bool:
    """Whether a rule of the snapshot asks who is in which segment."""
    return any(
        word in canonical(rule.document) for rule in frozen.rules for word in ('"in_segment"', '"member.segments"')
    )


@lru_cache(maxsize=64)
def _may_keep_alive(program_id: int, frozen: snapshots.FrozenProgram) -> bool:
    """Whether points may end without activity. Under one snapshot the answer stays: none are given that did not before."""
    terms = [*(rule.document for rule in frozen.rules), *frozen.point_types.values()]
    is_a_rule = any('"after_inactivity"' in canonical(one) for one in terms)
    return is_a_rule or Lot.objects.filter(program_id=program_id, is_open=True, idle_days__isnull=False).exists()


class Batch:
    """Purchases of the program in scope, to be judged together. Nothing is written and no lock is held here."""

    def __init__(self, given: Sequence[PurchaseInput], *, now: datetime) -> None:
        self.program = Program.objects.present()
        self.frozen = snapshots.of_number(self.program.snapshot_number)
        self.given = given
        self.now = now
        self.products = catalog.products({line.sku for one in given for line in one.lines})
        self.locations = catalog.locations({one.location for one in given if one.location})
        self.takes_unknown = terms.nearest(terms.UNKNOWN_ARTICLES, self.program) == "accept"
        self.prepared = sorted((self._prepare(one) for one in given), key=lambda one: one.purchase.at)
        earliest = self.prepared[0].purchase.at
        self.states = state.load({one.member_id for one in given}, self.frozen, earliest=earliest)
        self._load_segments()
        self.may_keep_alive = _may_keep_alive(self.program.pk, self.frozen)
        self.used: dict[periods.CounterKey, int] = {}
        self.seen_counters: dict[periods.CounterKey, int] = {}

    def _prepare(self, given: PurchaseInput) -> Prepared:
        location = self.locations.get(given.location) if given.location else None
        if given.location and location is None:
            raise intake.UnknownLocation(location=given.location)
        at = intake.occurred_at(
            given.at, self.now, skew=settings.CLOCK_SKEW_ACCEPTED, lateness=timedelta(days=self.program.lateness_days)
        )
        lines = intake.rule_lines(given.lines, self.products, given.basket_discount)
        if given.currency != self.program.currency:
            given, lines = intake.converted(given, lines, self.program.currency, self._rate(given.currency, at))
        if given.points is not None:
            given = intake.paid_with(given, lines)
            lines = intake.rule_lines(given.lines, self.products, given.basket_discount)
        if not self.takes_unknown and len(self.products) < len({line.sku for line in given.lines}):
            self._refuse_unknown(given)
        purchase = intake.rule_purchase(given, at, lines, location)
        ruleset, rules = self.frozen.at(at)
        return Prepared(given, purchase, location, ruleset, rules)

    def _rate(self, currency: str, at: datetime) -> Decimal:
        """What the currency was worth on the day of a purchase."""
        rate = rates.rate_of(currency, local(at, self.frozen.zone).date())
        if rate is None:
            raise intake.CurrencyRefused(currency=currency, expected=self.program.currency)
        return rate

    def _load_segments(self) -> None:
        """Who is in which segment, where a rule of these days asks: the index of the rules looks at them too."""
        if _asks_for_segments(self.frozen):
            for member_id, spans in registries.segments_of(self.states).items():
                self.states[member_id].segments = spans

    def _refuse_unknown(self, given: PurchaseInput) -> None:
        """Where there is no catalog, every article is as good as known."""
        if self.products or catalog.is_kept():
            intake.refuse_unknown(given.lines, self.products)

    def _state(self, member_id: int) -> state.MemberState:
        found = self.states.get(member_id)
        if found is None:
            raise NotFound()
        if not found.is_active:
            raise MemberBlocked()
        return found

    def judge(self) -> list[Decision]:
        """Judge every purchase in the order of time; each sees what those before it left.

        :raises NotFound: a member is not in this program.
        :raises MemberBlocked: a member is blocked.
        """
        views = [self._state(one.given.member_id).view(self.frozen, one.purchase.at) for one in self.prepared]
        wants = [_needs(one, view) for one, view in zip(self.prepared, views, strict=True)]
        self._read_counters(wants)
        history.load(self.states, [one.asking for one in self.prepared], wants, self.frozen)
        self.events = history.events_of(self.states, {kind for want in wants for kind in want.events})
        day = local(self.prepared[0].purchase.at, self.frozen.zone).date()
        around = around_of(self.frozen, self.program, day, self.used)
        keys = ids.take(len(self.prepared))
        found = zip(self.prepared, keys, views, wants, strict=True)
        return [self._judge_one(one, key, around, view, want) for one, key, view, want in found]

    def _read_counters(self, wants: Sequence[Needs]) -> None:
        keys: set[periods.CounterKey] = set()
        for one, want in zip(self.prepared, wants, strict=True):
            keys.update(self._counter_keys(one, want))
        self._fetch(keys)

    def _counter_keys(self, one: Prepared, want: Needs) -> list[periods.CounterKey]:
        member = self._state(one.given.member_id)
        day = local(one.purchase.at, self.frozen.zone).date()
        found = []
        for need in want.limits:
            found += periods.read_counters(need, day, member_id=member.member_id, account_id=member.account_id)
        return found

    def _fetch(self, keys: set[periods.CounterKey]) -> None:
        missing = keys - self.used.keys()
        if not missing:
            return
        for key, amount in used_of(missing).items():
            self.used[key] = self.seen_counters[key] = amount

    def _judge_one(self, one: Prepared, key: int, around: Surroundings, seen: MemberView, want: Needs) -> Decision:
        member = self._state(one.given.member_id)
        view = member.view(self.frozen, one.purchase.at)
        if view != seen:
            # A tier reached earlier in this batch may bring a candidate whose counters and history were not asked for yet.
            want = _needs(one, view)
            self._fetch(set(self._counter_keys(one, want)))
            history.load(self.states, [one.asking], [want], self.frozen)
        day = local(one.purchase.at, self.frozen.zone).date()
        context = Context(
            member=view,
            purchase=one.purchase,
            history=history.before(member, one.purchase.at) if want.has_history or want.sums else (),
            events=self.events.get(member.member_id, ()),
            used_limits=decision.used_limits(want.limits, day, member, self.used),
            purchases_before=history.count_before(member, one.purchase.at) if want.purchase_count else None,
            history_values=history.values(member, one.asking, want, one.ruleset),
        )
        judged = decision.judge(
            purchase_id=key,
            given=one.given,
            purchase=one.purchase,
            context=context,
            ruleset=one.ruleset,
            candidates=want.candidates,
            rules=one.rules,
            state=member,
            around=around,
            location_id=one.location.id if one.location else None,
            location_partner_id=one.location.partner_id if one.location else None,
            product_ids={line.sku: self.products[line.sku].id for line in one.given.lines if line.sku in self.products},
        )
        history.add(member, one.purchase, judged.points)
        return judged

    def seen_versions(self) -> dict[int, int]:
        """The versions of every wallet that was read, to be compared under the lock."""
        return {wallet: version for one in self.states.values() for wallet, version in one.seen_versions.items()}
