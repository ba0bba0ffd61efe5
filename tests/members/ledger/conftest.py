from typing import Any

import pytest

from tests.members.world import World, add_member, make_world


@pytest.fixture
def world() -> Any:
    made = make_world()
    with made.entered():
        yield made


@pytest.fixture
def anna(world: World) -> Any:
    return add_member("A")
