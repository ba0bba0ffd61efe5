"""Words for the refusals about consents."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "consents.unknown_purpose": _("No consent for “%(purpose)s” is asked for. Known are: %(known)s."),
        "consents.other_text": _("The text has changed: version %(present)s holds now. Show it and ask again."),
        "consents.not_given": _("This consent is not given, so it cannot be withdrawn."),
        "consents.overtaken": _("Version %(version)s was published meanwhile. Refuse this and ask for the next one."),
        "consents.in_the_future": _("A consent cannot be dated in the future: %(at)s."),
    }
)
codes.register(
    codes.DEED,
    {
        "consent.given": pgettext_lazy("deed", "Consent given"),
        "consent.withdrawn": pgettext_lazy("deed", "Consent withdrawn"),
        "consent_text.published": pgettext_lazy("deed", "Consent text published"),
    },
)
