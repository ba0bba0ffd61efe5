"""A promotion as one sentence in the reader's language; each phrase leads to the field that it speaks of.

One message a kind of node, with places for its parts: a language orders the parts as it likes. Names stand in quotes or
after a colon, so nothing is declined.
"""

from collections.abc import Mapping
from typing import Any

from loyalty.kernel.phrases import gettext as _
from programs.promotions.naming import Names, names_for
from programs.promotions.sentence import conditions, effects, frame
from programs.promotions.sentence.phrases import Phrase, Phrases, both, merged, say, text_of

__all__ = ["Names", "Phrase", "Phrases", "names_for", "sentence", "text_of"]


def sentence(document: Mapping[str, Any], names: Names) -> Phrases:
    """The whole promotion: what starts it, for whom, on what basket, what they get, up to how much, until when.

    :param document: a valid ``promo/1`` document.
    :param names: what its codes are called, of :func:`names_for`.
    """
    schedule = document.get("schedule", {})
    said = frame.trigger(document, names)
    for part in (frame.windows(schedule), _for_whom(document, names), _basket(document, names)):
        if part:
            said = say(_("%(before)s, %(next)s"), before=said, next=part)
    gives = both([effects.effect(one, names, f"then/{index}") for index, one in enumerate(document["then"])])
    said = say(_("%(occasion)s – members get: %(gives)s"), occasion=said, gives=gives)
    for part in _after(document, names):
        said = say(_("%(sentence)s; %(next)s"), sentence=said, next=part)
    return merged(say(_("%(sentence)s."), sentence=said))


def _for_whom(document: Mapping[str, Any], names: Names) -> Phrases:
    if "audience" not in document or document["audience"]["op"] == "true":
        return ()
    return say(
        _("for members with %(audience)s"), audience=conditions.condition(document["audience"], names, "audience")
    )


def _basket(document: Mapping[str, Any], names: Names) -> Phrases:
    if "when" not in document or document["when"]["op"] == "true":
        return ()
    return say(_("when %(condition)s"), condition=conditions.condition(document["when"], names, "when"))


def _after(document: Mapping[str, Any], names: Names) -> list[Phrases]:
    found = [frame.limit(one, names, f"limits/{index}") for index, one in enumerate(document.get("limits", ()))]
    for index, one in enumerate(document["then"]):
        found += [
            frame.limit(limit, names, f"then/{index}/limits/{place}")
            for place, limit in enumerate(one.get("limits", ()))
        ]
    if document.get("else"):
        gives = both([effects.effect(one, names, f"else/{index}") for index, one in enumerate(document["else"])])
        found.append(say(_("else they get: %(gives)s"), gives=gives))
    found += [frame.funding(document, names), *frame.standing(document), frame.validity(document.get("schedule", {}))]
    return [part for part in found if part]
