"""What the agents' desk offers: its place in the menu, its facts, and what needs a second person."""

from members.desk import facts, giving, pages, reaching  # noqa: F401
