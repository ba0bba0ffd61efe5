"""Words for what trying out refuses, and for its jobs."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import codes, wording

wording.register(
    {
        "whatif.unfinished": _("Something in the draft is missing. Fill in what is marked in the designer."),
        "whatif.days_refused": _("Choose 30, 90 or 365 days."),
    }
)
codes.register(codes.JOB, {"whatif.simulate": _("Simulating a promotion")})
