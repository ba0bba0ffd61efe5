from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "members.files"
    label = "members_files"
    verbose_name = _("Files of purchases")

    def ready(self) -> None:
        # The job's handler and the words need the models, which exist only now.
        from loyalty.kernel import jobs  # noqa: PLC0415
        from members.files import asking, services, wording  # noqa: F401, PLC0415

        jobs.handle(services.JOB_KIND, services.run_intake)
