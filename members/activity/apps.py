from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class ActivityConfig(AppConfig):
    name = "members.activity"
    label = "members_activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from members.activity import occasions, queries, wording  # noqa: F401, PLC0415
        from members.activity.effects.attributes import AttributeEffect  # noqa: PLC0415
        from members.activity.effects.burning import BurnEffect, describe_entries  # noqa: PLC0415
        from members.activity.effects.flags import FlagEffect  # noqa: PLC0415
        from members.activity.effects.tiers import TierEffect  # noqa: PLC0415
        from members.activity.pages import flags  # noqa: PLC0415

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
