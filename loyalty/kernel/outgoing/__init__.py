"""The one way out: every request that the product makes to another machine goes through :func:`send`.

Nothing else of the product imports a client of HTTP (the linter refuses it). What a person typed as an address may name
a machine of the inside; so the address is judged as a text, its name is resolved once, every answer must be public, and
the connection goes to the very address that was judged. Nothing is followed, and time and size have an end.
"""

from loyalty.kernel.outgoing.addresses import AddressRefused, Target, check_address, resolved
from loyalty.kernel.outgoing.sending import Answer, NoAnswer, send

__all__ = ["AddressRefused", "Answer", "NoAnswer", "Target", "check_address", "resolved", "send"]
