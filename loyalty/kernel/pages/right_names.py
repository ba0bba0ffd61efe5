"""What each right is called, by what it is about: for the page that shows roles and rights side by side."""

from typing import Any

from django.utils.translation import gettext_lazy as _

RIGHTS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("Overview and reports"),
        {
            "dashboard.view": _("see the dashboard"),
            "reports.view": _("see reports"),
            "reports.run": _("make reports"),
            "reports.schedule": _("let reports come by themselves"),
        },
    ),
    (
        _("Promotions, tiers, catalog"),
        {
            "promotions.view": _("see promotions, segments and templates"),
            "promotions.edit": _("write promotions, segments and templates"),
            "promotions.publish": _("approve, publish and stop promotions"),
            "tiers.view": _("see tiers"),
            "tiers.edit": _("set tiers up"),
            "catalog.view": _("see products and locations"),
            "catalog.edit": _("change products and locations"),
        },
    ),
    (
        _("Members"),
        {
            "members.find": _("find members, masked"),
            "members.view": _("open members with a reason, show contacts"),
            "members.enroll": _("issue and block cards"),
            "members.block": _("clear flags"),
            "blocks.set": _("block members"),
            "blocks.lift": _("unblock members"),
            "contacts.change": _("change e-mail and phone after a code to the member"),
            "contacts.decide": _("decide changes of e-mail and phone, end the hold on spending"),
            "members.adjust": _("correct balances up to the limit"),
            "adjustments.decide": _("decide corrections that others asked for"),
            "adjustments.alone": _("correct balances without limit and without a second person"),
            "members.adjust_unlimited": _("set credit limits, note payments of members"),
            "tiers.ask": _("ask for a tier by hand"),
            "tiers.grant": _("decide on tiers by hand, withdraw them"),
            "consents.view": _("see consents"),
            "consents.change": _("record consents"),
            "looks.view": _("see who read whom"),
        },
    ),
    (
        _("Rewards"),
        {
            "rewards.view": _("see rewards and voucher templates"),
            "codes.view": _("see codes of vouchers and redemptions"),
            "rewards.edit": _("change rewards and vouchers"),
            "redemptions.make": _("check callers and take rewards for them"),
            "redemptions.cancel": _("cancel rewards and vouchers, let reservations go"),
        },
    ),
    (
        _("Books and trail"),
        {
            "ledger.view": _("see purchases, entries and members by number"),
            "ledger.prove": _("prove the ledger, release frozen wallets"),
            "files.view": _("see files of purchases"),
            "files.take": _("send files of purchases"),
            "partners.view": _("see partners"),
            "audit.view": _("see the audit trail"),
        },
    ),
)
