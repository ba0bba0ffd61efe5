"""What recognizing callers offers: its words and panels, and the sending of codes."""

from loyalty.kernel import outbox, registries
from members.callers import operations, sending, wording  # noqa: F401
from members.callers.pages import panels
from members.profiles import operations as profiles

outbox.subscribe(operations.CODE_ASKED, sending.send)
outbox.subscribe(profiles.CONTACT_CHANGED, sending.tell_change)
for panel in panels.PANELS:
    registries.register_panel(panel)
