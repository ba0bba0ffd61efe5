"""What judging needs beside the member, read once for all that is judged together."""

from datetime import date

from loyalty.kernel import registries
from members.activity.decision import Surroundings
from members.activity.periods import CounterKey
from programs.promotions.snapshots import FrozenProgram
from programs.setup.models import Program


def around_of(frozen: FrozenProgram, program: Program, day: date, used: dict[CounterKey, int]) -> Surroundings:
    """The rules of the day, who pays, and what limits have used; ``used`` moves along with what is judged."""
    codes = {share["partner"] for rule in frozen.rules for share in rule.document.get("funding", ())}
    return Surroundings(
        frozen=frozen,
        partner_ids=registries.funding().partner_ids(codes) if codes else {},
        payers=registries.funding().payers(day),
        used=used,
        debt_share=program.debt_share,
    )
