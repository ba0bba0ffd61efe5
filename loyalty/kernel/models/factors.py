"""What signing in leaves behind: second factors, recovery codes, tries, sessions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import recorded_at


class SecondFactor(models.Model):
    """The secret that a user shares with an app on a phone. It counts from ``User.second_factor_at`` on."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    sealed = models.BinaryField(editable=False)
    last_step = models.BigIntegerField(default=0)
    """The newest thirty seconds of which a code was taken: none is taken twice."""
    created_at = recorded_at()

    class Meta:
        db_table = "loyalty_second_factor"
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")


class RecoveryCode(models.Model):
    """One of the codes on paper that stand in for a lost phone, each once. Only a keyed hash is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "loyalty_recovery_code"
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="loyalty_recovery_code_once")]


class SignInTries(models.Model):
    """How often something was tried since it last succeeded: a password of an e-mail, a code of a user."""

    bucket = models.BinaryField(primary_key=True, max_length=32)
    failures = models.IntegerField()
    last_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "loyalty_sign_in_tries"


class SignIn(models.Model):
    """A session of a user, so that they see where they are signed in and can end it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField(_("signed in"))
    seen_at = models.DateTimeField(_("last seen"))
    address = models.GenericIPAddressField(_("from where"), null=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        db_table = "loyalty_sign_in"
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
