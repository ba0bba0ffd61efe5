"""Who looked at whom and why, and whether who calls is who they say."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class LookKind(models.TextChoices):
    PAGE = "page", pgettext_lazy("look", "Name and history")
    CONTACT = "contact", pgettext_lazy("look", "Phone, e-mail, birthday, cards")


class LookReason(models.TextChoices):
    """Why somebody opens a member. ``OTHER`` needs words."""

    CALL = "call", _("The member is on the phone")
    VISIT = "visit", _("The member is here in person")
    LETTER = "letter", _("The member has written")
    DECISION = "decision", _("Something about the member is to be decided")
    DOUBT = "doubt", _("Something looks wrong and is looked into")
    OTHER = "other", _("Another reason")


class Look(ProgramModel):
    """One opening of a member's personal data by one user, with the reason. Never changed; it ends by itself."""

    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+", db_index=False)
    user = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, verbose_name=_("who"), related_name="+", db_index=False
    )
    kind = models.CharField(_("what was shown"), max_length=8, choices=LookKind.choices)
    reason = models.CharField(_("reason"), max_length=8, choices=LookReason.choices)
    note = models.CharField(_("in words"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("when"))
    ends_at = models.DateTimeField(_("open until"))

    class Meta(ProgramModel.Meta):
        db_table = "members_look"
        verbose_name = _("look at a member")
        verbose_name_plural = _("looks at members")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gte=models.F("opened_at")), name="members_look_period")
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="members_look_of_member"),
            models.Index(fields=["user", "member", "-opened_at"], name="members_look_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.member}"


class CheckWay(models.TextChoices):
    CODE = "code", pgettext_lazy("caller", "Code by e-mail")
    FACTS = "facts", pgettext_lazy("caller", "Two facts")


class CheckState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("caller", "Waits for the code")
    PASSED = "passed", pgettext_lazy("caller", "Passed")
    FAILED = "failed", pgettext_lazy("caller", "Failed")


class CallerCheck(ProgramModel):
    """One check that who calls is the member, by one user. The code itself is kept nowhere: it is made from a key."""

    public_id = public_id()
    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+", db_index=False)
    user = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, verbose_name=_("who"), related_name="+", db_index=False
    )
    way = models.CharField(_("how"), max_length=5, choices=CheckWay.choices)
    state = models.CharField(_("state"), max_length=7, choices=CheckState.choices)
    facts = ArrayField(models.CharField(max_length=20), verbose_name=_("facts asked"), default=list, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    expires_at = models.DateTimeField(_("code good until"), null=True)
    ends_at = models.DateTimeField(_("holds until"), null=True)
    made_at = models.DateTimeField(_("when"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_caller_check"
        verbose_name = _("check of a caller")
        verbose_name_plural = _("checks of callers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="passed", ends_at__isnull=False)
                | (~models.Q(state="passed") & models.Q(ends_at__isnull=True)),
                name="members_caller_check_end",
            ),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="members_caller_check_member")]

    def __str__(self) -> str:
        return f"{self.get_way_display()}: {self.get_state_display()}"
