"""What the setup of programs offers: its words."""

from programs.setup import wording  # noqa: F401
