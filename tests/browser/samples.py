"""For each page of ours that shows one object: the name of its route, and how to make the parameters of its address.

Add a line when you add such a page; ``tests/kernel/pages/test_axe.py`` names the routes that have none. The maker runs
in the scope of the program that ``tests.browser.people.make_program`` filled.
"""

from collections.abc import Callable
from typing import Any

SAMPLES: dict[str, Callable[[], dict[str, Any]]] = {}
