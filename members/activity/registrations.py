"""What activity offers: its words, triggers, effects and panel, and who is told of as the cause of an entry."""

from loyalty.kernel import registries
from members.activity import occasions, queries, wording  # noqa: F401
from members.activity.effects.attributes import AttributeEffect
from members.activity.effects.burning import BurnEffect, describe_entries
from members.activity.effects.flags import FlagEffect
from members.activity.effects.tiers import TierEffect
from members.activity.pages import flags

for trigger in ("purchase", "return", "enrolment", "event", "tier_changed", "metric_crossed"):
    registries.register_trigger(trigger)
registries.on_enrolled(lambda member: occasions.start([occasions.of_enrolment(member)]))
registries.register_cause(occasions.CAUSE, occasions.describe_entries)
# Judging a purchase says what comes off each line: the answer and the stored outcome are all there is to do.
for name in ("discount", "nth_free", "bundle"):
    registries.register_effect(name, None)
registries.register_effect("attribute_set", AttributeEffect())
registries.register_effect("burn", BurnEffect())
registries.register_effect("flag", FlagEffect())
registries.register_effect("tier", TierEffect())
registries.register_cause("burn", describe_entries)
registries.register_cause("payment", queries.describe_payments)
registries.register_cause("payback", queries.describe_paybacks)
registries.register_cause("return_bonus", queries.describe_paybacks)
registries.register_panel(flags.PANEL)
