"""Who may open what: every page and every call of the product. A route that is not here fails ``test_matrix.py``.

This is the matrix written down once more, apart from what the code declares, so that either mistake shows. Roles of staff
by letter: O operator, M marketer, A analyst, G agent, S supervisor. ``ALL`` is every role: pages about the reader alone.
"""

from dataclasses import dataclass

ROLES = {"O": "operator", "M": "marketer", "A": "analyst", "G": "agent", "S": "supervisor"}
ALL = "".join(ROLES)
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the staff site: the roles that open it and those that send its form. Empty: there is no such method."""

    read: str = NOBODY
    write: str = NOBODY


@dataclass(frozen=True, slots=True)
class List:
    """A list of the staff site with the pages of its objects.

    ``read`` sees the list, the objects, their history and the list as a file; ``write`` adds and, where ``is_changed``,
    changes; unless ``is_added``, nobody adds by hand; ``deeds`` are further pages of an object, for ``deeds_of``;
    ``has_import`` takes rows from files.
    """

    read: str
    write: str = NOBODY
    is_changed: bool = True
    deeds: tuple[str, ...] = ()
    deeds_of: str = NOBODY
    has_import: bool = False
    is_added: bool = True


ARCHIVE = ("archive", "restore")

PAGES = {
    "preferences": Page(ALL, ALL),
    "exports": Page(ALL),
    "exports-download": Page(ALL),
    "exports-stop": Page(write=ALL),
    "audit-chain": Page("OMS", "OMS"),
    "decisions": Page("OMGS"),
    "decision": Page("OMGS", "OMGS"),
    "role-rights": Page("O", "O"),
    "desk-find": Page("GS"),
    "desk-requests": Page("S"),
    "desk-request": Page("S", "S"),
    "desk-member": Page("GS"),
    "member-open": Page("GS", "GS"),
    "caller-check": Page("GS", "GS"),
    "desk-reveal": Page(write="GS"),
    "desk-receipt": Page("GS"),
    "desk-past": Page("GS"),
    "desk-statement": Page("GS"),
    "desk-statement-file": Page("GS"),
    "desk-credit": Page("S", "S"),
    "desk-sale": Page("GS", "GS"),
    "desk-sale-end": Page("S", "S"),
    "ledger-proof": Page("OS", "OS"),
    "ledger-release": Page("OS", "OS"),
    "purchase-files": Page("OS", "S"),
    "purchase-file": Page("OS"),
    "purchase-file-rejects": Page("OS"),
    "purchase-file-stop": Page(write="OS"),
    "purchase-file-resume": Page(write="OS"),
    "desk-adjust": Page("GS", "GS"),
    "desk-settings": Page("O", "O"),
    "desk-change-contact": Page("GS", "GS"),
    "desk-spending": Page("S", "S"),
    "desk-block": Page("GS", "GS"),
    "desk-unblock": Page("S", "S"),
    "desk-issue-card": Page(write="GS"),
    "desk-block-card": Page(write="GS"),
    "desk-grant-tier": Page(write="GS"),
    "desk-withdraw-tier": Page(write="S"),
    "consent-change": Page("GS", "GS"),
    "flag-clear": Page("S", "S"),
    "reservation-release": Page("GS", "GS"),
    "till-settings": Page("O", "O"),
    "reward-picture": Page(ALL),
    "redemption-make": Page("GS", "GS"),
    "redemption-cancel": Page("GS", "GS"),
    "voucher-withdraw": Page("GS", "GS"),
    "promotions": Page("OMA"),
    "promotion-new": Page("M", "M"),
    "promotion-pick": Page("M"),
    "promotion": Page("OMA"),
    "promotion-design": Page("M", "M"),
    "promotion-compare": Page("OMA"),
    "promotion-act": Page("M", "M"),
    "whatif-simulation": Page("M"),
    "whatif-stop": Page(write="M"),
    "whatif-download": Page("M"),
    "whatif-simulations": Page("M", "M"),
    "whatif-try": Page("M"),
    "whatif-find": Page("M"),
    "whatif-impact": Page("M"),
    "segments": Page("OMA"),
    "segment-new": Page("M", "M"),
    "segment": Page("OMA"),
    "segment-design": Page("M", "M"),
    "segment-act": Page("M", "M"),
    "segment-remove": Page(write="M"),
    "partner-people": Page("O", "O"),
    "reports": Page("OMAS"),
    "reports-runs": Page("OMAS"),
    "reports-make": Page(write="OMAS"),
    "reports-schedule": Page(write="OA"),
    "reports-schedule-stop": Page(write="OA"),
    "reports-stop": Page(write="OMAS"),
    "reports-again": Page(write="OMAS"),
    "reports-download": Page("OMAS"),
}

LISTS = {
    "loyalty_kernel.apikey": List("O", "O", is_changed=False, deeds=("rotate", "revoke"), deeds_of="O"),
    "loyalty_kernel.user": List("O", "O", deeds=("take_factor_away",), deeds_of="O"),
    "loyalty_kernel.auditrecord": List("OMS"),
    "loyalty_kernel.job": List("O", deeds=("stop",), deeds_of="O"),
    "django_celery_beat.periodictask": List("O"),
    "programs_setup.program": List("O", "O"),
    "programs_setup.pointtype": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "programs_setup.reasoncode": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "programs_setup.currencyrate": List("O", "O", is_changed=False),
    "programs_setup.brand": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "programs_setup.region": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "programs_catalog.product": List("OMA", "OM", deeds=ARCHIVE, deeds_of="OM", has_import=True),
    "programs_catalog.category": List("OMA", "OM", deeds=ARCHIVE, deeds_of="OM", has_import=True),
    "programs_catalog.location": List("OMA", "OM", deeds=ARCHIVE, deeds_of="OM"),
    "programs_tiers.tierscheme": List("OMA", "M", deeds=ARCHIVE, deeds_of="M"),
    "programs_returns.returnterms": List("OMA", "O", is_changed=False, deeds=("end",), deeds_of="O"),
    "members_profiles.member": List("OS"),
    "members_profiles.memberattribute": List("OMA", "M", deeds=ARCHIVE, deeds_of="M"),
    "members_callers.look": List("OMS"),
    "members_callers.callercheck": List("OMS"),
    "members_consents.consentpurpose": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "members_consents.consenttext": List("O", "O", is_changed=False),
    "members_messaging.messagetemplate": List("OMA", "M", deeds=ARCHIVE, deeds_of="M"),
    "members_messaging.message": List("GS"),
    "members_ledger.entry": List("OS"),
    "members_ledger.posting": List("OS"),
    "members_ledger.hold": List("OS"),
    "members_ledger.lot": List("OS"),
    "members_ledger.tiercredit": List("OMA", "M", is_changed=False),
    "members_ledger.pricelist": List("O", "O", deeds=ARCHIVE, deeds_of="O"),
    "members_ledger.conversionrate": List("O", "O", is_changed=False),
    "members_ledger.pointsale": List("OS"),
    "members_ledger.endwarning": List("OMA", "M", deeds=ARCHIVE, deeds_of="M"),
    "members_ledger.breach": List("OS"),
    "members_activity.purchase": List("OS"),
    "members_activity.return": List("OS"),
    "members_activity.evaluation": List("OS"),
    "members_activity.returnnotice": List("OMA", "M", deeds=ARCHIVE, deeds_of="M"),
    "members_till.tilloperation": List("OS"),
    "rewards_catalog.reward": List(ALL, "M", deeds=ARCHIVE, deeds_of="M"),
    "rewards_vouchers.vouchertemplate": List(ALL, "M", deeds=ARCHIVE, deeds_of="M"),
    "rewards_vouchers.voucher": List("MGS", "M", is_added=False, is_changed=False, has_import=True),
    "rewards_redemption.redemption": List("MGS"),
}

# What a page of a list leads on to, for whoever sees the list.
FROM_LISTS = {"loyalty_kernel_auditrecord_seals": "OMS"}

# The portal of partners: what its user must hold.
PORTAL = {
    "portal-home": "portal.view",
    "portal-people": "portal.administer",
    "portal-purchases": "portal.view",
    "portal-statements": "portal.view",
    "portal-statement": "portal.download",
}

# What the portal's forms do: a user of another role is told 403, whatever is sent.
PORTAL_DEEDS = {"portal-people-change": "portal.administer"}

# About the reader's own sign-in, in both realms; tests/kernel/access asks them what they answer.
OWN = frozenset(
    f"{realm}{name}"
    for realm in ("", "portal-")
    for name in (
        "security", "second-factor", "second-factor-off", "recovery-codes", "sign-out-elsewhere", "own-password", "prove",
    )
)  # fmt: skip

# Opened by everybody, or by whoever is signed in, and about no object of a program.
OPEN = frozenset(
    {
        "health-live", "health-ready", "metrics", "choose-language", "portal-language", "api-schema", "api-docs",
        "api-token", "staff-login", "second-step", "portal-login", "portal-second-step", "portal-logout", "login",
        "logout", "jsi18n", "choose-program", "password-change", "password-changed", "password_change",
        "password_change_done",
    }
)  # fmt: skip

# The site's own: they show what the lists would show; tests of this folder ask what they say of another program.
SITE = frozenset({"index", "app_list", "search", "autocomplete", "view_on_site"})

# The calls of the API: the scope that a key needs, by method.
CALLS = {
    "api-members": {"POST": "members.write"},
    "api-member": {"GET": "members.read", "PATCH": "members.write"},
    "api-member-identifiers": {"POST": "members.write"},
    "api-consents": {"GET": "members.read", "POST": "consents.write"},
    "api-balance": {"GET": "members.read"},
    "api-statement": {"GET": "members.read"},
    "api-credit-limit": {"PUT": "adjustments.write"},
    "api-lots": {"GET": "members.read"},
    "api-files": {"POST": "files.write"},
    "api-file": {"GET": "files.write"},
    "api-file-rejects": {"GET": "files.write"},
    "api-file-resume": {"POST": "files.write"},
    "api-file-stop": {"POST": "files.write"},
    "api-adjustments": {"POST": "adjustments.write"},
    "api-transfers": {"POST": "transfers.write"},
    "api-point-sales": {"POST": "sales.write"},
    "api-point-sale": {"GET": "sales.write"},
    "api-point-sale-quote": {"POST": "sales.write"},
    "api-point-sale-payment": {"POST": "sales.write"},
    "api-point-sale-refund": {"POST": "sales.write"},
    "api-point-sale-cancel": {"POST": "sales.write"},
    "api-ledger-export": {"GET": "exports.read"},
    "api-transactions": {"POST": "purchases.write"},
    "api-transactions-batch": {"POST": "purchases.write"},
    "api-returns": {"POST": "purchases.write"},
    "api-returnable": {"GET": "purchases.write"},
    "api-return-quote": {"POST": "purchases.write"},
    "api-return-terms": {"GET": "purchases.write"},
    "api-transaction": {"GET": "members.read"},
    "api-events": {"POST": "events.write"},
    "api-offers": {"GET": "members.read"},
    "api-tiers": {"GET": "members.read", "POST": "tiers.write"},
    "api-history": {"GET": "members.read"},
    "api-quotes": {"POST": "till.use"},
    "api-reservations": {"POST": "till.use"},
    "api-reservation-capture": {"POST": "till.use"},
    "api-reservation-cancel": {"POST": "till.use"},
    "api-till-identify": {"POST": "till.use"},
    "api-till-sessions": {"POST": "till.use"},
    "api-till-commit": {"POST": "till.use"},
    "api-till-cancel": {"POST": "till.use"},
    "api-till-void": {"POST": "till.use"},
    "api-till-receipts": {"POST": "till.use"},
    "api-till-refunds": {"POST": "till.use"},
    "api-till-operations": {"POST": "till.use"},
    "api-till-config": {"GET": "till.use"},
    "api-segments": {"GET": "segments.read"},
    "api-segment-members": {"GET": "segments.read", "POST": "segments.write"},
    "api-segment-refresh": {"POST": "segments.write"},
    "api-rewards": {"GET": "rewards.read"},
    "api-redemptions": {"POST": "redemptions.write"},
    "api-redemption-cancel": {"POST": "redemptions.write"},
    "api-member-vouchers": {"GET": "vouchers.read", "POST": "vouchers.write"},
    "api-voucher": {"GET": "vouchers.read"},
    "api-voucher-use": {"POST": "vouchers.write"},
    "api-voucher-withdraw": {"POST": "vouchers.write"},
    "api-trial": {"POST": "promotions.trial"},
}


def pages_of_lists() -> dict[str, Page]:
    """The pages that every list of the site has, by the name of their routes."""
    pages = {name: Page(read, read) for name, read in FROM_LISTS.items()}
    for label, row in LISTS.items():
        base, write = label.replace(".", "_"), row.write
        pages |= {
            f"{base}_changelist": Page(row.read, row.read),
            f"{base}_add": Page(write, write) if row.is_added else Page(),
            f"{base}_change": Page(row.read, write if row.is_changed else NOBODY),
            f"{base}_history": Page(row.read, row.read),
            f"{base}_delete": Page(),
            f"{base}_export": Page(write=row.read),
        }
        pages |= {f"{base}_{deed}": Page(row.deeds_of, row.deeds_of) for deed in row.deeds}
        if row.has_import:
            pages |= {f"{base}_import": Page(write, write), f"{base}_import_confirm": Page(write=write)}
    return pages


STAFF = {**PAGES, **pages_of_lists()}
EVERYTHING = frozenset(STAFF) | frozenset(PORTAL) | frozenset(PORTAL_DEEDS) | OWN | OPEN | SITE | frozenset(CALLS)
