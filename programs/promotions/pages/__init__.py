"""The promotions' pages: the list, one promotion, the designer, approval."""

from programs.promotions.pages.designing import FOOT, SIDE, begin, design, pick
from programs.promotions.pages.listing import promotion, promotions
from programs.promotions.pages.reviewing import act, compare

__all__ = ["FOOT", "SIDE", "act", "begin", "compare", "design", "pick", "promotion", "promotions"]
