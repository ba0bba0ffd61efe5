from collections.abc import Iterator

import pytest

from loyalty.kernel import clock
from tests.factories import NOON
from tests.members.till.room import Till


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.fixed(NOON):
        yield


@pytest.fixture
def till(noon: None) -> Till:
    return Till()
