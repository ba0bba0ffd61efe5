"""What the history says of entries that occasions caused."""

from collections.abc import Mapping, Sequence

from members.activity.models import Evaluation
from members.ledger.models import Entry
from programs.promotions.models import Promotion


def describe_entries(entries: Sequence[Entry]) -> Mapping[int, str]:
    """The promotions that gave the points of entries, in the reader's language, by the entries' keys."""
    outcomes = dict(
        Evaluation.objects.filter(pk__in=[entry.cause_id for entry in entries]).values_list("pk", "outcome")
    )
    rules = {entry.pk: _rules(outcomes.get(entry.cause_id or 0)) for entry in entries}
    codes = {code for found in rules.values() for code in found}
    names = dict(Promotion.objects.filter(code__in=codes).values_list("code", "name"))
    return {key: ", ".join(str(names.get(code, code)) for code in found) for key, found in rules.items()}


def _rules(outcome: Mapping[str, object] | None) -> list[str]:
    grants = outcome["grants"] if outcome else []
    assert isinstance(grants, list), "an outcome lists its grants"
    return list(dict.fromkeys(grant["rule"] for grant in grants))
