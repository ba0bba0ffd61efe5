"""Words for what is wrong with files of purchases, and for their jobs."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "files.damaged": _("The file is damaged. Nothing was taken in. Make it again and send it once more."),
        "files.empty": _("The file is empty."),
        "files.cut_off": _(
            "The file ends before its last line “#END” with the totals: a part of it is missing. Nothing was taken in."
        ),
        "files.not_utf8": _("The text is not UTF-8. Nothing was taken in."),
        "files.too_large": _("The file is too large: at most %(megabytes)s MB. Split it."),
        "files.line_refused": _(
            "Line %(line)s has more or fewer cells than the headings, or stands behind the end. Nothing was taken in."
        ),
        "files.unknown_column": _("The column “%(column)s” is not known. Known columns: %(known)s."),
        "files.column_twice": _("The column “%(column)s” stands in the file twice."),
        "files.column_missing": _("The column “%(column)s” is missing."),
        "files.wrong_total": _(
            "The last line says %(said)s for “%(column)s”, the file holds %(found)s. Nothing was taken in."
        ),
        "files.sum_too_large": _("The amounts are beyond what can be counted. Nothing was taken in."),
        "files.differs": _("This differs from line %(line)s of the same receipt."),
        "files.not_stopped": _("The file is being taken in, or it is finished already."),
    }
)
codes.register(codes.JOB, {"files.intake": _("Taking in a file of purchases")})
codes.register(
    codes.DEED,
    {
        "purchase_file.received": pgettext_lazy("deed", "File of purchases received"),
        "purchase_file.resumed": pgettext_lazy("deed", "Intake of the file resumed"),
    },
)
