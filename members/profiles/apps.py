from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import payment_cards, registries


class ProfilesConfig(AppConfig):
    name = "members.profiles"
    label = "members_profiles"
    verbose_name = _("Members")

    def ready(self) -> None:
        # Words and reads register once, after the language machinery and the models are ready.
        from members.profiles import queries, wording  # noqa: F401, PLC0415

        registries.register_member_attributes(queries.declared_attributes)
        payment_cards.register_known(queries.is_card)
