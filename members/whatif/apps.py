from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhatifConfig(AppConfig):
    name = "members.whatif"
    label = "members_whatif"
    verbose_name = _("Trying promotions out")

    def ready(self) -> None:
        # Panels, jobs, handlers and words need the models, which exist only now.
        from loyalty.kernel import jobs  # noqa: PLC0415
        from members.whatif import panels, services, wording  # noqa: F401, PLC0415

        jobs.handle(services.JOB_KIND, services.run_simulation)
