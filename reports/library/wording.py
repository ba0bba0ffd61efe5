"""Words for the refusals about reports."""

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import wording

wording.register(
    {
        "reports.unknown_report": _("There is no such report."),
        "reports.period_refused": _("The period must end after it begins and be no longer than two years."),
        "reports.format_refused": _("Choose at least one format: PDF, XLSX or CSV."),
    }
)
