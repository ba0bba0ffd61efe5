import pytest

from tests.members.desk.room import Room, open_room


@pytest.fixture
def room(db) -> Room:
    """A program with members, purchases and rewards."""
    return open_room()
