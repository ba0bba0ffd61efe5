"""Words for the refusals about reports."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import codes, wording
from reports.library.definitions import DEFINITIONS

wording.register(
    {
        "reports.unknown_report": _("There is no such report."),
        "reports.period_refused": _("The period must end after it begins and be no longer than two years."),
        "reports.format_refused": _("Choose at least one format: PDF, XLSX or CSV."),
    }
)

codes.register(codes.REPORT, {one.code: one.title for one in DEFINITIONS.values()})
codes.register(codes.JOB, {"reports.run": _("Making a report")})
