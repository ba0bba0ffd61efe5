from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "rewards.catalog"
    label = "rewards_catalog"
    verbose_name = _("Reward catalog")
