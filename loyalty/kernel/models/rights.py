"""What a program changes of the ready roles."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import ProgramModel


class RoleRule(ProgramModel):
    """One role in one program, where it differs from the ready one; without a row the role is as it came."""

    role = models.CharField(_("role"), max_length=20)
    added = ArrayField(models.CharField(max_length=40), verbose_name=_("rights added"), default=list)
    taken = ArrayField(models.CharField(max_length=40), verbose_name=_("rights taken away"), default=list)
    needs_second_factor = models.BooleanField(_("must use a second factor"), default=False)

    class Meta(ProgramModel.Meta):
        db_table = "loyalty_role_rule"
        verbose_name = _("rule of a role")
        verbose_name_plural = _("rules of roles")
        constraints = [models.UniqueConstraint(fields=["program", "role"], name="loyalty_role_rule_once")]

    def __str__(self) -> str:
        return self.role
