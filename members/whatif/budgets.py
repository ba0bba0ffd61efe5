"""One pass by time through what took from shared budgets: what does not fit is judged again with what is left.

A purchase that fits was judged as it would have been; one that does not is judged again, and where it then takes
something else from its account's own limits, so is everything that the account bought after it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import TypeAlias

from members.activity.periods import CounterKey
from members.activity.replay import Past, Recorded
from members.whatif import tally
from members.whatif.replaying import (
    DRAFTED,
    LIVE,
    Account,
    Caps,
    Claim,
    Common,
    Counters,
    Result,
    Setting,
    in_order,
    uses_of,
)
from members.whatif.tally import Part

Load: TypeAlias = Callable[[Sequence[int]], Mapping[int, Sequence[Past]]]
Tell: TypeAlias = Callable[[int, int], None]
REPORT_EVERY = 2000


def settle(result: Result, setting: Setting, load: Load, tell: Tell = lambda done, of: None) -> None:
    """Cut what shared budgets do not hold, in the order of time, in the tallies of ``result``.

    :param load: gives the members of accounts with their pasts; asked once for all accounts that may have to be judged
        again, and only when a budget does not hold everything.
    :param tell: hears how many of the claims are done.
    """
    for side in (LIVE, DRAFTED):
        claims = sorted((one for one in result.claims if one.side == side), key=lambda one: one.place)
        if claims and not _all_fit(claims):
            _Pass(result, setting, side, claims, load).run(tell)


def _all_fit(claims: Iterable[Claim]) -> bool:
    shared: Counters = {}
    for claim in claims:
        if not fits(claim, shared):
            return False
        _take(shared, claim.shared)
    return True


def fits(claim: Claim, shared: Mapping[CounterKey, int]) -> bool:
    """Whether the budgets still hold all of what a purchase takes, so that it is judged as it was."""
    if claim.may_gain and shared:
        return False
    taken: Counters = {}
    for draw in claim.shared:
        used = sum(shared.get(one, 0) for one in draw.read) + taken.get(draw.key, 0)
        if used + draw.wanted > draw.most:
            return False
        taken[draw.key] = taken.get(draw.key, 0) + draw.amount
    return True


def _take(shared: Counters, uses: Common) -> None:
    for draw in uses:
        shared[draw.key] = shared.get(draw.key, 0) + draw.amount


class _Pass:
    """The pass of one side. ``_later`` holds the purchases of accounts that have left their first judgment."""

    def __init__(self, result: Result, setting: Setting, side: int, claims: list[Claim], load: Load) -> None:
        self.tally = result.side(side)
        self.setting, self.side, self.claims = setting, side, claims
        self.caps = Caps(setting.ruleset(side))
        self.shared: Counters = {}
        self._load = load
        self._pasts: Mapping[int, Sequence[Past]] = {}
        self._apart: dict[int, Account] = {}
        self._later: list[tuple[datetime, int, int, Past, int, Recorded, list[Part]]] = []

    def run(self, tell: Tell) -> None:
        """Go through the claims and through what follows from them."""
        for done, claim in enumerate(self.claims):
            if done % REPORT_EVERY == 0:
                tell(done, len(self.claims))
            self._judge_later(claim.place)
            if claim.account_id in self._apart:
                continue
            if fits(claim, self.shared):
                _take(self.shared, claim.shared)
            else:
                self._again(claim, done)
        self._judge_later(None)

    def _again(self, claim: Claim, done: int) -> None:
        if not self._pasts:
            self._pasts = self._load(sorted({one.account_id for one in self.claims[done:]}))
        rows = in_order(self._pasts[claim.account_id], self.setting)
        index = next(index for index, row in enumerate(rows) if row[2].id == claim.id)
        account = Account(self.setting, self.side, self.caps, claim.before)
        own = self._put(account, rows[index], claim.parts)
        if own != claim.own:
            self._apart[claim.account_id] = account
            first = self._first_judgment(rows)
            for past, place, one in rows[index + 1 :]:
                heappush(self._later, (one.at, one.id, claim.account_id, past, place, one, first[one.id]))

    def _put(self, account: Account, row: tuple[Past, int, Recorded], before: Iterable[Part]) -> object:
        """Judge a purchase again in place of what it gave before; what it takes from its account's own limits."""
        past, place, one = row
        outcome = account.judge(past, place, one, self.shared)
        tally.add(self.tally, before, -1)
        tally.add(self.tally, self.setting.parts_of(outcome, one))
        own, common = uses_of(outcome, past, one, self.setting.contest.drafted.point_values)
        account.take(own)
        _take(self.shared, common)
        return own

    def _first_judgment(self, rows: Sequence[tuple[Past, int, Recorded]]) -> dict[int, list[Part]]:
        """What the account's purchases gave when they were judged as if budgets were full."""
        account = Account(self.setting, self.side, self.caps)
        found = {}
        for past, place, one in rows:
            outcome = account.judge(past, place, one)
            found[one.id] = self.setting.parts_of(outcome, one)
            account.take(uses_of(outcome, past, one, self.setting.contest.drafted.point_values)[0])
        return found

    def _judge_later(self, until: tuple[datetime, int] | None) -> None:
        while self._later and (until is None or self._later[0][:2] <= until):
            _at, _id, account_id, past, place, one, before = heappop(self._later)
            self._put(self._apart[account_id], (past, place, one), before)
