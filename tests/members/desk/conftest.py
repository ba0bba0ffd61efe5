import pytest

from tests.browser.fixtures import axe, browser, sign_in
from tests.members.desk.room import Room, open_room

__all__ = ["axe", "browser", "room", "sign_in"]


@pytest.fixture
def room(db) -> Room:
    """A program with members, purchases, rewards and one staff user of each role."""
    return open_room()
