"""What redemption offers: its words and panel, and who is told of as the cause of an entry."""

from loyalty.kernel import registries
from rewards.redemption import queries, wording  # noqa: F401
from rewards.redemption.pages import panel

registries.register_panel(panel.PANEL)
registries.register_cause("redemption", queries.describe_entries)
