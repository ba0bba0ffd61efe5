"""What tills offer: their words and panel."""

from loyalty.kernel import registries
from members.till import pages, wording  # noqa: F401

registries.register_panel(pages.PANEL)
