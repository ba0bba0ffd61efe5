"""Words for segments: refusals, problems at fields, deeds and the job."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "segments.code_taken": _("There is a segment with the code %(code)s already."),
        "segments.not_by_hand": _("Who is in this segment is decided by its condition, not by hand."),
        "segments.not_by_condition": _("This segment has no condition: members are put in by hand."),
        "segments.asked_for": _("It is still asked for by %(users)s."),
        "segments.unknown_members": _(
            "Nobody here has these numbers: %(numbers)s (%(count)s in all). Nobody was added."
        ),
        "only_in_purchase": _("This can only be asked while somebody buys, so a segment cannot ask it."),
        "unknown_segment": _("There is no segment with the code %(segment)s in use."),
        "segments_in_a_circle": _("These segments ask for each other in a circle."),
        "segment_by_condition": _("Who is in this segment is decided by its condition. Choose one by hand."),
    }
)
codes.register(
    codes.DEED,
    {
        "segment.members_added": pgettext_lazy("deed", "Members added"),
        "segment.members_removed": pgettext_lazy("deed", "Members taken out"),
    },
)
codes.register(codes.JOB, {"segments.refresh": _("Counting segments")})
