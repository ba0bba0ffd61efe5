"""The promotions' pages: the list, one promotion, the designer, approval."""

from programs.promotions.pages.designing import begin, design, pick
from programs.promotions.pages.listing import promotion, promotions
from programs.promotions.pages.reviewing import act, compare

__all__ = ["act", "begin", "compare", "design", "pick", "promotion", "promotions"]
