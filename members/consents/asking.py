"""New words for a consent need a second person: every member who agrees from then on agrees to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import proposals
from loyalty.kernel.errors import NotFound
from loyalty.kernel.models import Proposal
from loyalty.kernel.text import Texts
from members.consents import queries, services
from members.consents.models import ConsentPurpose


def ask_for_text(*, purpose_id: int, text: Texts, at: datetime) -> Proposal:
    """Ask for new words for a purpose; the present ones hold until somebody else has said yes.

    :raises NotFound: no such purpose here, or archived.
    """
    if not ConsentPurpose.objects.filter(pk=purpose_id, archived_at__isnull=True).exists():
        raise NotFound()
    wanted = {"purpose": purpose_id, "text": dict(text), "after": queries.newest_version(purpose_id)}
    return proposals.propose(KIND.code, wanted, note="", at=at)


def _describe(arguments: Mapping[str, Any]) -> str:
    purpose = ConsentPurpose.objects.get(pk=arguments["purpose"])
    return _("%(purpose)s, version %(version)s") % {"purpose": purpose, "version": arguments["after"] + 1}


def _detail(arguments: Mapping[str, Any]) -> str:
    return "\n".join(f"{language}: {text}" for language, text in arguments["text"].items() if text)


def _carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
    services.publish_text(purpose_id=arguments["purpose"], text=Texts(arguments["text"]), after=arguments["after"])


KIND = proposals.Kind(
    code="consent_text.publish", title=gettext_lazy("The text of a consent"), permission="programs.edit",
    describe=_describe, carry_out=_carry_out, detail=_detail,
)  # fmt: skip
proposals.register(KIND)
