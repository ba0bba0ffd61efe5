"""One furnished program for a module whose tests take back what they write."""

from tests.kernel.doors import alone

# Fixtures, for the tests of this folder.
furnished_alone, place = alone.furnished_alone, alone.place
