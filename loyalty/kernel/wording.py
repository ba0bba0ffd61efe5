"""Words for people, made from a refusal's code at the edge, in the reader's language."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

# An instant as facts hold it, for machines.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")

_SENTENCES: dict[str, Any] = {
    "refused": _("This was refused."),
    "not_found": _("This does not exist here."),
    "malformed": _("The request cannot be read. See the errors."),
    "required": _("This is required."),
    "too_long": _("This is too long."),
    "not_a_number": _("This is not a number."),
    "too_many_decimals": _("This has more decimals than allowed."),
    "out_of_range": _("This is beyond the allowed range."),
    "permission_refused": _("Your role does not allow this."),
    "idempotency_mismatch": _("This key or number was used before with other content. Use a new one."),
    "still_running": _("The first request is still running. Try again in a moment."),
    "too_many_attempts": _("It was tried several times and never finished."),
    "proposals.own": _("You asked for this yourself: another person decides."),
    "proposals.decided": _("It was decided before."),
    "proposals.asked": _("The same was asked for before and waits for a decision."),
    "proposals.not_yours": _("Somebody with another role decides this."),
    "proposals.answer_missing": _("Say why not."),
    "roles.own_rights": _("You hold this role yourself: somebody else gives it more rights."),
    "sign_in.too_many_tries": _("Too many tries. Wait %(seconds)s seconds and try again."),
    "sign_in.password_refused": _("This is not your password."),
    "sign_in.code_refused": _("This code does not fit. Wait for the next one in your app and type that."),
    "sign_in.factor_demanded": _("Your role must have a second factor. It cannot be turned off."),
    "outgoing.address_refused": _("This address cannot be used: it must be public and begin with https://."),
    "outgoing.no_answer": _("The other side did not answer as it should."),
    "payment_card": _("This holds the number of a payment card. Take it out: such numbers are kept nowhere."),
    "files.quota_reached": _(
        "The files of this program take all the %(megabytes)s MB that it has. Ask whoever runs the platform."
    ),
    "partitions.unknown_table": _("%(table)s cannot be partitioned. These can: %(known)s."),
    "partitions.done_before": _("%(table)s is partitioned already."),
    "partitions.product_runs": _("Stop the product first. Sessions that it has open: %(sessions)s."),
    "partitions.keys_ahead": _("%(table)s has rows of a later month. Is the clock right?"),
    "exports.format_refused": _("Choose CSV or XLSX."),
    "exports.filter_refused": _("The list cannot be narrowed like this. Reset its filters and try again."),
    "imports.too_large": _("The file is too large: at most %(megabytes)s MB. Split it."),
    "imports.too_many_rows": _("The file has more than %(most)s lines. Split it."),
    "imports.unknown_kind": _("This is neither CSV nor XLSX. Save the table as one of them."),
    "imports.not_utf8": _("The text is not UTF-8. Save the table as “CSV UTF-8” or as XLSX."),
    "imports.damaged": _("The file is damaged. Save it again and try once more."),
    "imports.empty": _("The file holds no lines below its headings."),
    "imports.key_missing": _("The column “%(key)s” is missing. Known columns: %(known)s."),
    "imports.unknown_column": _("The column “%(column)s” is not known. Known columns: %(known)s."),
    "imports.column_twice": _("A column stands in the file twice."),
    "imports.refused": _("Some lines make no sense. Nothing was changed."),
    "unavailable": _("The database does not answer. Send the same request again in a moment."),
    "server_error": _("Something went wrong on our side. Nothing was changed."),
}


def register(sentences: Mapping[str, Any]) -> None:
    """Add the words for an app's refusals: code to a lazy text with ``%(fact)s`` places."""
    for code, text in sentences.items():
        assert code not in _SENTENCES, f"{code} has words already"
        _SENTENCES[code] = text


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """What to tell a person about a refusal, instants in the reader's zone; the code itself when nobody gave words."""
    text = _SENTENCES.get(code)
    return str(text) % {name: _readable(fact) for name, fact in facts.items()} if text is not None else code


def instants(facts: Mapping[str, Any]) -> dict[str, str]:
    """Of facts those that are instants, for machines: ISO 8601 with the offset."""
    return {name: fact for name, fact in facts.items() if _is_instant(fact)}


def _is_instant(fact: Any) -> bool:
    return isinstance(fact, str) and _INSTANT.fullmatch(fact) is not None


def _readable(fact: Any) -> Any:
    """An instant as people write it, with its zone; all else as it is."""
    if not _is_instant(fact):
        return fact
    local = timezone.localtime(datetime.fromisoformat(fact))
    return f"{formats.date_format(local, 'SHORT_DATE_FORMAT')}, {formats.time_format(local, 'H:i')} {local.tzname()}"


def known() -> frozenset[str]:
    """All codes that have words."""
    return frozenset(_SENTENCES)
