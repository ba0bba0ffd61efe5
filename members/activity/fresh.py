"""A purchase as it was just written, to be told without being read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from members.activity.batch import Batch
from members.activity.decision import Decision
from members.activity.held import Held
from members.activity.telling import Facts, LineFacts

# What handlers and payments added, by the types that they had: it is kept as a document.
_ADDED = ("effects", "payment")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A purchase of a batch that was written, and that nothing has come back of."""

    batch: Batch
    decision: Decision

    def facts(self) -> Facts:
        """The same as is read of it from now on."""
        one, given = self.decision, self.decision.given
        location = self.batch.locations[given.location] if given.location else None
        return Facts(
            id=one.id,
            public_id=one.public_id,
            source=given.source,
            external_id=given.external_id,
            member_id=one.member_id,
            account_id=one.account_id,
            at=one.purchase.at.astimezone(UTC),
            location=location.code if location else None,
            location_name=location.name if location else None,
            channel=given.channel,
            till=given.till,
            currency=given.currency,
            amount=one.amount,
            returned_amount=0,
            foreign=given.foreign,
            lines=tuple(self._line(line) for line in one.purchase.lines),
            evaluation_id=one.evaluation_id,
            snapshot_number=one.snapshot_number,
            outcome=_as_kept(one.outcome),
        )

    def held(self) -> Mapping[str, Held] | None:
        """What the purchase left in the wallets, by point type; nothing where that has to be asked.

        More than earning may have moved them. And one that moved nothing has no entry: its moment is that of its
        evaluation, which is after all entries of the batch.
        """
        one = self.decision
        is_asked = one.effects or one.given.points or (one.entry.is_empty and len(self.batch.given) > 1)
        return None if is_asked else one.held

    def _line(self, line: Any) -> LineFacts:
        known = self.batch.products.get(line.sku)
        name = known.name if known else None
        return LineFacts(line.line_id, line.sku, name, line.qty, line.unit, line.paid, _NOTHING, 0)


def _as_kept(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    added = {key: outcome[key] for key in _ADDED if key in outcome}
    return {**outcome, **msgspec.json.decode(msgspec.json.encode(added))} if added else outcome
