"""The members in ranges of keys, which two processes share."""

import pytest

from members.segments.queries.scan import MOST_SHARES, SMALLEST_SHARE, ranges

QUARTERS = [250, 500, 750]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (2 * SMALLEST_SHARE - 1, [(None, None)]),
        (2 * SMALLEST_SHARE, [(None, 500), (500, None)]),
        (MOST_SHARES * SMALLEST_SHARE - 1, [(None, 500), (500, None)]),
        (MOST_SHARES * SMALLEST_SHARE, [(None, 250), (250, 500), (500, 750), (750, None)]),
        (100 * SMALLEST_SHARE, [(None, 250), (250, 500), (500, 750), (750, None)]),
    ],
)
def test_the_shares_are_even_in_number_and_hold_every_member_once(members, expected):
    assert ranges(QUARTERS, members) == expected


def test_a_program_of_which_no_page_was_looked_at_is_one_share():
    assert ranges((), 0) == [(None, None)]
