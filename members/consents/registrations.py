"""What consents offer: their words and panel, and the attributes that rules may ask."""

from loyalty.kernel import registries
from members.consents import asking, queries, wording  # noqa: F401
from members.consents.pages import panel

registries.register_panel(panel.PANEL)
registries.register_member_attributes(queries.consent_attributes)
