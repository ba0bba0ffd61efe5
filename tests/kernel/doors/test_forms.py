"""Whole, well filled forms against what is not one's own: the other program keeps every byte of its rows."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.apps import apps

from loyalty.kernel.models.base import ProgramModel
from tests.browser import routes
from tests.kernel.doors import matrix, places, walk
from tests.kernel.doors.asking import address_of, ask
from tests.kernel.doors.filled import Form, forms_of
from tests.kernel.doors.places import Place, thing_of
from tests.kernel.doors.test_staff import enter, with_parameters
from tests.kernel.doors.watching import Watch

pytestmark = [pytest.mark.proof, pytest.mark.long]
# Everybody's own: what they change is about the reader, whichever program is chosen.
ABOUT_ONESELF = ("/admin/program/", "/admin/logout/", "/language/", "/admin/preferences/", "/admin/security/")


def pages_with_forms(place: Place, client: Any, letter: str) -> Iterator[tuple[str, Form]]:
    """Each form that somebody of a role finds on the pages of a place, with the address that it is sent to."""
    seen = set()
    opened = [name for name, page in matrix.STAFF.items() if letter in page.read + page.write and name in walk.names()]
    for name in sorted(opened):
        given = thing_of(place, name) if with_parameters(name) else {}
        if given is None:
            continue
        address = address_of(name, given)
        status, body, headers = ask(client, "GET", address)
        is_page = status == 200 and headers["Content-Type"].startswith("text/html")
        for form in forms_of(body) if is_page else ():
            target = form.action or address
            if (target, tuple(form.fields)) not in seen and not target.startswith(ABOUT_ONESELF):
                seen.add((target, tuple(form.fields)))
                yield target, form


def names_a_thing(address: str, place: Place) -> bool:
    """Whether an address names something of the place."""
    named = [pair for given in place.things.values() for pair in given.items()]
    values = {str(value) for key, value in named if key not in places.ABOUT_NOTHING}
    return any(part in values for part in address.split("?")[0].split("/") if part)


@pytest.mark.parametrize("letter", ["M", "G", "S"])
def test_a_filled_form_about_a_thing_of_another_program_changes_nothing(letter, two):
    own, other = two
    theirs = enter(letter, other.program)
    found = [pair for pair in pages_with_forms(other, theirs, letter) if names_a_thing(pair[0], other)]
    client, wrong, moved = enter(letter, own.program, email="stranger@example.com"), [], 0
    # From here on: who comes in may say why members are looked at, which is noted.
    watch = Watch(other.program)

    for address, form in found:
        for program in (own.program, other.program):
            status, _body, _headers = ask(
                client, "POST", address, {**form.fields, "_program": program}, look=watch.look
            )
            # A form that carries the other program is refused as such, whatever it is about.
            right = status in (403, 404) if program == own.program else status == 400
            if watch.changed or not right:
                wrong.append(f"{address} as {letter}: {status} {watch.changed}")
        # The same form from whoever it is meant for.
        ask(theirs, "POST", address, {**form.fields, "_program": other.program}, look=watch.look)
        moved += bool(watch.changed)

    assert len(found) >= 3
    assert moved >= 1
    assert not wrong, "\n".join(wrong)


def counterparts(own: Place, other: Place) -> dict[str, str]:
    """The keys of one's own rows, each with that of a row of the same kind of the other program."""
    pairs: dict[str, str] = {}
    for model in apps.get_models():
        if not issubclass(model, ProgramModel):
            continue
        rows = []
        for place in (own, other):
            with routes.in_program(place.program):
                rows.append(list(model._default_manager.filter(program=place.program).order_by("pk")))
        for mine, their in zip(*rows, strict=False):
            pairs[str(mine.pk)] = str(their.pk)
            if getattr(mine, "public_id", None):
                pairs[str(mine.public_id)] = str(their.public_id)
    return pairs


def exchanged(form: Form, pairs: Mapping[str, str], other: Place) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The form with one field at a time pointing at a thing of the other program."""
    for name, values in form.fields.items():
        choices = [pairs[one] for one in [*values, *form.choices.get(name, ())] if one in pairs]
        if name in form.pickers:
            app, model, column = form.pickers[name]
            target = apps.get_model(app, model)._meta.get_field(column).related_model
            with routes.in_program(other.program):
                row = target._default_manager.filter(program=other.program).first()
            choices = [str(row.pk)] if row is not None else []
        if choices:
            yield name, {**form.fields, name: choices[:1]}


@pytest.mark.parametrize("letter", ["O", "M", "G", "S"])
def test_a_form_of_ones_own_takes_nothing_of_another_program(letter, two):
    own, other = two
    watch, pairs = Watch(other.program), counterparts(own, other)
    keys = {value for value in pairs.values() if len(value) > 10}
    client, wrong, asked = enter(letter, own.program), [], 0
    if letter == "O":
        client.post("/admin/program/", {"program": own.program})
    ours = Watch(own.program)

    for address, form in pages_with_forms(own, client, letter):
        for name, fields in exchanged(form, pairs, other):
            status, _body, _headers = ask(client, "POST", address, fields, look=lambda: (watch.look(), ours.look()))
            asked += 1
            if watch.changed or status >= 500 or ours.changed:
                wrong.append(f"{address} {name} as {letter}: {status}, theirs {watch.changed}, ours {ours.changed}")

    assert asked >= 1, keys
    assert not wrong, "\n".join(wrong)
