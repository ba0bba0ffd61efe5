"""Passwords and keys of an installation."""

import base64
import json

import pytest

from loyalty.platform import keys
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem

pytestmark = pytest.mark.pure


def test_are_made_once_for_the_owner_alone(places: Places) -> None:
    places.prepare()

    made = keys.load_or_make(places, data=places.postgres / "data")

    assert keys.load_or_make(places, data=places.postgres / "data") == made
    assert (places.var / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len({made.superuser, made.owner, made.app, made.auditor, made.broker, made.secret_key}) == 6
    assert len(base64.b64decode(made.field_keys, validate=True)) == 32


def test_are_not_made_anew_beside_a_database_that_needs_the_old_ones(places: Places) -> None:
    places.prepare()
    (places.postgres / "data").mkdir(parents=True)

    with pytest.raises(Problem, match="Put the file back from a backup"):
        keys.load_or_make(places, data=places.postgres / "data")

    assert not (places.var / "secrets.json").exists()


def test_a_damaged_file_is_refused_and_kept(places: Places) -> None:
    places.prepare()
    (places.var / "secrets.json").write_text('{"owner": ')

    with pytest.raises(Problem, match="cannot be read"):
        keys.load_or_make(places, data=None)

    assert (places.var / "secrets.json").read_text() == '{"owner": '


def test_are_published_for_the_owner_alone(places: Places) -> None:
    places.prepare()

    keys.publish(places, {"SECRET_KEY": "one"})
    keys.publish(places, {"SECRET_KEY": "two"})

    path = places.var / "environment.json"
    assert json.loads(path.read_text()) == {"SECRET_KEY": "two"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in places.var.iterdir()) == ["environment.json", "log"]
