"""What terms of return offer: their words."""

from programs.returns import wording  # noqa: F401
