"""Words for the codes that tables hold and machines send: deeds, actors, causes, channels, units, kinds of jobs.

Every context registers the words for its own codes at start; a code without words is shown as it is.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTOR, CAUSE, CHANNEL, DEED, JOB, REPORT, UNIT = "actor", "cause", "channel", "deed", "job", "report", "unit"

_words: dict[str, dict[str, Any]] = {
    ACTOR: {
        "user": pgettext_lazy("actor", "staff"),
        "key": pgettext_lazy("actor", "machine"),
        "member": pgettext_lazy("actor", "member"),
        "system": pgettext_lazy("actor", "platform"),
    },
    CAUSE: {},
    CHANNEL: {
        "store": _("store"),
        "desk": _("member desk"),
        "online": pgettext_lazy("channel", "online shop"),
        "app": pgettext_lazy("channel", "app"),
    },
    # The last word of a deed speaks for all objects alike; the object stands beside it.
    DEED: {
        "created": pgettext_lazy("deed", "Added"),
        "changed": pgettext_lazy("deed", "Changed"),
        "archived": pgettext_lazy("deed", "Archived"),
        "restored": pgettext_lazy("deed", "Restored"),
        "copied": pgettext_lazy("deed", "Copied"),
        "discarded": pgettext_lazy("deed", "Draft thrown away"),
        "named": pgettext_lazy("deed", "Renamed"),
        "imported": pgettext_lazy("deed", "Imported from a file"),
        "granted": pgettext_lazy("deed", "Given"),
        "withdrawn": pgettext_lazy("deed", "Withdrawn"),
        "revoked": pgettext_lazy("deed", "Revoked"),
        "stopped": pgettext_lazy("deed", "Stopped"),
        "requested": pgettext_lazy("deed", "Asked for"),
        "downloaded": pgettext_lazy("deed", "Downloaded"),
        "viewed": pgettext_lazy("deed", "Looked at"),
        "read": pgettext_lazy("deed", "Read by a machine"),
        "made": pgettext_lazy("deed", "Set up"),
        "password_set": pgettext_lazy("deed", "Password set"),
        "signed_in": pgettext_lazy("deed", "Signed in"),
        "signed_out_elsewhere": pgettext_lazy("deed", "Signed out elsewhere"),
        "second_factor_set": pgettext_lazy("deed", "Second factor set up"),
        "second_factor_removed": pgettext_lazy("deed", "Second factor removed"),
        "recovery_code_used": pgettext_lazy("deed", "Recovery code used"),
        "recovery_codes_made": pgettext_lazy("deed", "New recovery codes"),
        "rotated": pgettext_lazy("deed", "New token"),
        "approved": pgettext_lazy("deed", "Approved"),
        "rejected": pgettext_lazy("deed", "Rejected"),
        "rights_changed": pgettext_lazy("deed", "Rights of the role changed"),
        "role_given": pgettext_lazy("deed", "Role given"),
        "role_taken": pgettext_lazy("deed", "Role taken away"),
    },
    JOB: {"lists.export": _("Making a file of a list"), "audit.verify": _("Checking the audit trail")},
    REPORT: {},
    UNIT: {
        "piece": pgettext_lazy("unit", "pc"),
        "kg": pgettext_lazy("unit", "kg"),
        "l": pgettext_lazy("unit", "l"),
        "gal": pgettext_lazy("unit", "gal"),
    },
}


def register(kind: str, words: Mapping[str, Any]) -> None:
    """Add words for codes of one kind: code to a lazy text."""
    for code, text in words.items():
        assert code not in _words[kind], f"{kind} {code} has words already"
        _words[kind][code] = text


def name(kind: str, code: str) -> str:
    """A code in the reader's language; as it is when nobody gave words."""
    return str(_words[kind].get(code, code))


def deed(action: str) -> str:
    """An audit action ``<noun>.<past>`` in words: its own, else those of its last word."""
    own = _words[DEED].get(action)
    return str(own) if own is not None else name(DEED, action.partition(".")[2])


def is_known(kind: str, code: str) -> bool:
    """Whether somebody gave words for the code."""
    return code in _words[kind] or (kind == DEED and code.partition(".")[2] in _words[kind])
