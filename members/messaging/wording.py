"""Words for what is wrong with messages in promotions, and why a message was not sent."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import wording
from members.messaging import operations

wording.register(
    {
        "channel_needs_template": _("A message by this channel needs a template."),
        "other_channel": _("The template goes by another channel."),
        "unknown_placeholder": _("Nothing fills in “%(name)s”."),
    }
)

REASONS: dict[str, Any] = {
    operations.NO_CONSENT: pgettext_lazy("message", "no consent"),
    operations.NO_ADDRESS: pgettext_lazy("message", "no e-mail address"),
    operations.INACTIVE: pgettext_lazy("message", "member not active"),
    operations.RETURNED: pgettext_lazy("message", "goods returned before"),
    operations.REFUSED: pgettext_lazy("message", "address refused"),
}


def reason(code: str) -> str:
    """Why a message was not sent, in words."""
    return str(REASONS.get(code, code))
