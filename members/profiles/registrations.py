"""What profiles offer: their words, and the attributes that rules may ask of a member."""

from loyalty.kernel import payment_cards, registries
from members.profiles import queries, wording  # noqa: F401

registries.register_member_attributes(queries.declared_attributes)
payment_cards.register_known(queries.is_card)
