"""Pages of the platform: staff and roles, keys, the audit trail, jobs, the timetable."""

from django.utils.translation import gettext_lazy

from loyalty.kernel.admin import keys, people, trail, work
from loyalty.kernel.pages import menu

__all__ = ["keys", "people", "trail", "work"]

for _section, _position, _title, _icon, _view, _permission in (
    (menu.ADMINISTRATION, 690, gettext_lazy("Audit trail"), "history", "loyalty_kernel_auditrecord", "audit.view"),
    (menu.PLATFORM, 710, gettext_lazy("Staff and roles"), "badge", "loyalty_kernel_user", "users.edit"),
    (menu.PLATFORM, 720, gettext_lazy("API keys"), "key", "loyalty_kernel_apikey", "keys.edit"),
    (menu.PLATFORM, 730, gettext_lazy("Jobs"), "work_history", "loyalty_kernel_job", "jobs.view"),
    (menu.PLATFORM, 740, gettext_lazy("Timetable"), "schedule", "django_celery_beat_periodictask", "jobs.view"),
):
    menu.register(menu.MenuEntry(_section, _position, _title, _icon, f"admin:{_view}_changelist", _permission))
menu.widen("admin:loyalty_kernel_auditrecord_changelist", "audit-chain/")
