"""Words for the refusals and deeds about looking at members and checking callers."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes, wording

wording.register(
    {
        "callers.note_missing": _("Say in words why you look."),
        "callers.too_many_looks": _(
            "You have opened %(most)s members within an hour. Wait, or ask a supervisor to look instead."
        ),
        "callers.not_open": _("The member is closed again. Say once more why you look."),
        "callers.unchecked": _("Check first that it is the member who is calling."),
        "callers.not_reachable": _("There is no e-mail address to send a code to."),
        "callers.too_many_codes": _("The member was sent %(most)s codes within an hour. Ask for two facts, or wait."),
        "callers.code_gone": _("This code is no longer good. Send another one."),
        "callers.code_wrong": _("This is not the code. Tries left: %(left)s."),
        "callers.code_needed": _(
            "Send a code to the address known so far and have the member tell it. Without it another supervisor decides."
        ),
        "callers.nothing_new": _("Fill in the new e-mail, the new phone, or both."),
        "callers.too_few_facts": _("Fill in %(needed)s answers."),
        "callers.facts_wrong": _("The answers do not fit. Tries left today: %(left)s."),
        "callers.too_many_answers": _(
            "Answers about this member were wrong %(most)s times today. Send a code instead."
        ),
    }
)

codes.register(
    codes.DEED,
    {
        "member.opened": pgettext_lazy("deed", "Opened with a reason"),
        "caller.code_sent": pgettext_lazy("deed", "Code sent to the caller"),
        "caller.checked": pgettext_lazy("deed", "Caller checked"),
        "caller.code_refused": pgettext_lazy("deed", "Caller told a wrong code"),
        "caller.facts_refused": pgettext_lazy("deed", "Caller answered wrong"),
    },
)
