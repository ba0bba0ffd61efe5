from datetime import date

import pytest

from loyalty.demo.journey.baskets import Basket, read_baskets

# A Wednesday: the data end on Sunday, 1 March 2026.
TODAY = date(2026, 3, 4)


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def last_week() -> list[Basket]:
    """The baskets of the last seven days of the data."""
    return list(read_baskets(TODAY, date(2026, 2, 23), date(2026, 3, 1)))
