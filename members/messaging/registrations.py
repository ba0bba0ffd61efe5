"""What messaging offers: its words and effects, and the sending of what is queued."""

from loyalty.kernel import outbox, registries
from members.messaging import operations, sending, wording  # noqa: F401
from members.messaging.effects import MessageEffect, PrintEffect

registries.register_effect("message", MessageEffect())
registries.register_effect("print", PrintEffect())
outbox.subscribe(operations.QUEUED, sending.send)
