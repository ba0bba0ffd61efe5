"""A document as parts, rows and fields: what the page draws and what it reads back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.promotions.design import effects, frame, offers
from programs.promotions.design.attributes import AUDIENCE, HAPPENED, WHEN
from programs.promotions.design.conditions import Ground, group_row
from programs.promotions.design.rows import Palette, Part, Row, additions, all_fields, all_rows

__all__ = ["Palette", "Part", "Row", "additions", "all_fields", "all_rows", "parts"]

Document = Mapping[str, Any]


def parts(document: Document, palette: Palette) -> list[Part]:
    """The steps of the page for a document in its normal form (:func:`edits.normal`)."""
    ground = Ground(palette, palette.attributes(document))
    found = [
        frame.start(document, ground),
        Part(
            AUDIENCE, _("For whom"), _("Which members take part? Nothing here means everybody."),
            rows=[group_row(document[AUDIENCE], AUDIENCE, AUDIENCE, ground)],
        ),
        _occasion(document, ground),
        Part(
            "then", _("What they get"), _("What do they get for it?"),
            rows=[effects.effect_row(one, f"then/{index}", ground) for index, one in enumerate(document["then"])],
            additions=[*offers.effects(palette.default_type), *palette.grants], adds_to="then",
        ),
        _otherwise(document, ground),
        frame.limits(document, palette),
        frame.payers(document, palette),
        frame.others(document, palette),
    ]  # fmt: skip
    return [part for part in found if part is not None]


def _occasion(document: Document, ground: Ground) -> Part | None:
    """What must be true of the purchase or the event; of the calendar and the like there is nothing to ask."""
    on, group = str(document["trigger"].get("on", "")), document[WHEN]
    if on in ("purchase", "return"):
        title, question = _("What must be in the basket"), _("Which purchases count? Nothing here means every one.")
        room = WHEN
    elif on.startswith("event:"):
        title, question = _("What must have happened"), _("Which events count? Nothing here means every one.")
        room = HAPPENED
    elif group["of"]:
        title, question = _("What else must be true"), _("What must be true at that moment?")
        room = AUDIENCE
    else:
        return None
    return Part(WHEN, title, question, rows=[group_row(group, WHEN, room, ground)])


def _otherwise(document: Document, ground: Ground) -> Part | None:
    """What is said to those who take part and do not meet the conditions."""
    told = document.get("else", ())
    if not told and not document[WHEN]["of"]:
        return None
    return Part(
        "else", _("Otherwise"), _("What is said to members whose purchase does not meet the conditions?"),
        rows=[effects.effect_row(one, f"else/{index}", ground) for index, one in enumerate(told)],
        additions=[one for one in ground.palette.grants if one.node["effect"] in effects.TALK], adds_to="else",
    )  # fmt: skip
