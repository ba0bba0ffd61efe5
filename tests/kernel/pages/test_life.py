"""The life of points in a form: what is typed, what is kept, and how a list says it."""

import pytest
from django.core.exceptions import ValidationError

from loyalty.kernel.pages import life

EVENTS = [("", "–"), ("DELIVERED", "Delivered")]


def starts() -> life.LifeField:
    return life.LifeField(life.STARTS, events=lambda: EVENTS)


@pytest.mark.parametrize(
    ("kinds", "document", "words"),
    [
        (life.STARTS, {"on_event": "DELIVERED"}, "with the event DELIVERED"),
        (
            life.STARTS,
            {"on_event": "DELIVERED", "after_days": 14},
            "with the event DELIVERED, after 14 d at the latest",
        ),
        (life.STARTS, {"after_days": 3}, "after 3 d"),
        (life.ENDS, {"after_inactivity": {"days": 90}}, "after 90 d without activity"),
        (life.ENDS, {"after_inactivity": {"months": 12}}, "after 12 mo without activity"),
        (life.ENDS, {"never": True}, "never"),
        (life.ENDS, {"after_months": 6, "at": "end_of_quarter"}, "after 6 mo, at the end of that quarter"),
    ],
)
def test_what_is_kept_is_shown_and_kept_again(kinds, document, words):
    field = life.LifeField(kinds, events=lambda: EVENTS)

    typed = field.widget.decompress(document)

    assert field.clean([str(part) if isinstance(part, int) else part for part in typed]) == document
    assert not field.has_changed(document, [str(part) if isinstance(part, int) else part for part in typed])
    assert life.sentence(document, is_expiry=kinds is life.ENDS) == words


@pytest.mark.parametrize(
    ("kinds", "typed"),
    [
        (life.STARTS, ["on_event", "", "", "", ""]),
        (life.STARTS, ["on_event", "5", "", "", "UNKNOWN"]),
        (life.ENDS, ["idle_days", "", "", "", ""]),
        (life.ENDS, ["idle_months", "0", "", "", ""]),
    ],
)
def test_what_is_missing_is_asked_for(kinds, typed):
    with pytest.raises(ValidationError):
        life.LifeField(kinds, events=lambda: EVENTS).clean(typed)


def test_the_events_are_asked_for_when_the_form_is_drawn():
    assert "Delivered" in starts().widget.render("activation", {"on_event": "DELIVERED"})
