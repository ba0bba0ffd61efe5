"""What each ready role may do. Refused until given; a program may change it (``loyalty.kernel.access.rights``)."""

ROLES: dict[str, frozenset[str]] = {
    "marketer": frozenset(
        {
            "dashboard.view", "promotions.view", "promotions.edit", "promotions.publish", "tiers.view", "tiers.edit",
            "catalog.view", "catalog.edit", "rewards.view", "rewards.edit", "codes.view", "reports.view", "reports.run",
            "audit.view", "looks.view",
        }
    ),
    "analyst": frozenset(
        {"dashboard.view", "promotions.view", "tiers.view", "catalog.view", "rewards.view", "partners.view",
         "reports.view", "reports.run", "reports.schedule"}
    ),
    "agent": frozenset(
        {"members.find", "members.view", "members.adjust", "members.enroll", "tiers.ask",
         "rewards.view", "codes.view", "redemptions.make", "redemptions.cancel", "consents.view", "consents.change",
         "contacts.change", "blocks.set"}
    ),
    "supervisor": frozenset(
        {"members.find", "members.view", "looks.view", "members.adjust", "members.adjust_unlimited", "members.enroll",
         "members.block", "contacts.change", "contacts.decide", "blocks.set", "blocks.lift", "tiers.ask", "tiers.grant",
         "rewards.view", "codes.view", "redemptions.make", "redemptions.cancel", "consents.view", "consents.change",
         "adjustments.decide", "ledger.prove", "files.view", "files.take", "ledger.view", "audit.view", "reports.view",
         "reports.run", "dashboard.view"}
    ),
}  # fmt: skip

# Rights that a program may give and no ready role has: correcting beyond the limit needs a second person otherwise.
OPTIONAL: frozenset[str] = frozenset({"adjustments.alone"})

# The operator runs the platform and grants no points.
OPERATOR: frozenset[str] = frozenset(
    {"dashboard.view", "programs.edit", "users.edit", "keys.edit", "partners.view", "partners.edit", "jobs.view", "files.view",
     "ledger.view", "ledger.prove", "audit.view", "looks.view", "catalog.view", "catalog.edit", "rewards.view",
     "promotions.view", "tiers.view", "reports.view", "reports.run", "reports.schedule"}
)  # fmt: skip

# A partner's users: who administers lets colleagues in and out; who reads, reads.
PARTNER_ROLES: dict[str, frozenset[str]] = {
    "administer_portal": frozenset({"portal.view", "portal.download", "portal.administer"}),
    "view_portal": frozenset({"portal.view", "portal.download"}),
}

# A cashier has no login: the till or the tablet has, by a key of the program, or of one partner in it, with these scopes.
KEY_ROLES: dict[str, frozenset[str]] = {"cashier": frozenset({"till.use"})}

# A member signs in to a realm of their own, which has no page and no call yet: whoever holds only this opens nothing.
MEMBER: frozenset[str] = frozenset()
