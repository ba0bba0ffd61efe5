"""A tier given by hand needs a second person: one asks, another decides."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import proposals
from loyalty.kernel.models import Proposal
from members.activity import tiering
from members.profiles.models import Member
from programs.tiers.models import Tier


def ask_for_tier(member: Member, *, scheme: str, tier: str, until: date | None, note: str, at: datetime) -> Proposal:
    """Ask for a tier by hand, after making sure that it could be given now.

    :raises tiering.UnknownTier: no such scheme or tier.
    :raises tiering.NotHigher: the member has it or more.
    :raises tiering.EndsInThePast: ``until`` is today or before.
    """
    wanted = {"member": member.pk, "scheme": scheme, "tier": tier, "until": until.isoformat() if until else None,
              "note": note}  # fmt: skip
    tiering.grant_tier(member_id=member.pk, scheme=scheme, tier=tier, until=until, note=note, at=at, preview=True)
    return proposals.propose(KIND.code, wanted, note=note, at=at)


def _describe(arguments: Mapping[str, Any]) -> str:
    number = Member.objects.values_list("number", flat=True).get(pk=arguments["member"])
    tier = Tier.objects.filter(scheme__code=arguments["scheme"], code=arguments["tier"]).first()
    facts = {"tier": tier or arguments["tier"], "number": number}
    if not arguments["until"]:
        return _("%(tier)s for member %(number)s, without end") % facts
    day = formats.date_format(date.fromisoformat(arguments["until"]), "DATE_FORMAT")
    return _("%(tier)s for member %(number)s, before %(day)s") % {**facts, "day": day}


def _carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
    tiering.grant_tier(
        member_id=arguments["member"], scheme=arguments["scheme"], tier=arguments["tier"],
        until=date.fromisoformat(arguments["until"]) if arguments["until"] else None, note=arguments["note"], at=at,
    )  # fmt: skip


KIND = proposals.Kind(
    code="tier.grant", title=gettext_lazy("A tier by hand"), permission="tiers.grant", describe=_describe,
    carry_out=_carry_out,
)  # fmt: skip
proposals.register(KIND)
