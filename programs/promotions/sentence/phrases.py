"""Phrases: a sentence whose parts know the field of the document that they speak of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from loyalty.kernel.phrases import gettext as _

_PLACE = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of text; ``field`` is the place in the document that it speaks of, empty for the words between."""

    text: str
    field: str = ""


Phrases = tuple[Phrase, ...]
Part = str | Phrases


def phrase(text: str, field: str) -> Phrases:
    """One phrase that leads to ``field``."""
    return (Phrase(str(text), field),)


def say(template: str, **parts: Part) -> Phrases:
    """A translated template with its places filled by texts or phrases, each keeping what it leads to.

    The order of the places is the language's; what stands in them is never cut or declined.
    """
    found: list[Phrase] = []
    text, end = str(template), 0
    for place in _PLACE.finditer(text):
        found.append(Phrase(text[end : place.start()]))
        end = place.end()
        part = parts[place[1]] if place[1] else "%"
        found += [Phrase(part)] if isinstance(part, str) else part
    found.append(Phrase(text[end:]))
    return merged(found)


def merged(phrases: Iterable[Phrase]) -> Phrases:
    """Neighbors that lead to the same field become one; empty ones go."""
    found: list[Phrase] = []
    for one in phrases:
        if found and found[-1].field == one.field:
            found[-1] = Phrase(found[-1].text + one.text, one.field)
        elif one.text:
            found.append(one)
    return tuple(found)


def listed(parts: Sequence[Phrases], last: str) -> Phrases:
    """Parts in a row: commas between them and ``last`` (a template of ``before`` and ``last``) before the last one."""
    if not parts:
        return ()
    rows = parts[0]
    for part in parts[1:-1]:
        rows = say(_("%(before)s, %(next)s"), before=rows, next=part)
    return say(last, before=rows, last=parts[-1]) if len(parts) > 1 else rows


def both(parts: Sequence[Phrases]) -> Phrases:
    """Parts joined by “and”."""
    return listed(parts, pgettext("list", "%(before)s and %(last)s"))


def either(parts: Sequence[Phrases]) -> Phrases:
    """Parts joined by “or”."""
    return listed(parts, pgettext("list", "%(before)s or %(last)s"))


def in_a_row(parts: Sequence[Phrases]) -> Phrases:
    """Parts one after the other, with commas only."""
    return listed(parts, _("%(before)s, %(last)s"))


def text_of(phrases: Iterable[Phrase]) -> str:
    """The sentence without its links."""
    return "".join(one.text for one in phrases)
