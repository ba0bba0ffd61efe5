from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhatifConfig(AppConfig):
    name = "members.whatif"
    label = "members_whatif"
    verbose_name = _("Trying promotions out")
