"""People who sign in: staff, partner users and members are three realms with cookies and login pages of their own."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class Realm(models.TextChoices):
    STAFF = "staff", _("Staff")
    PARTNER = "partner", _("Partner")
    MEMBER = "member", _("Member")


class UserManager(BaseUserManager):  # type: ignore[type-arg]
    """Makes users; the e-mail is the login."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        """A user with a hashed password; without a password the login is closed."""
        user = cast("User", self.model(email=self.normalize_email(email).lower(), **values))
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "User":
        """An operator of the platform."""
        return self.create_user(email, password, is_operator=True, **values)

    def get_by_natural_key(self, username: str | None) -> "User":  # type: ignore[override]
        return cast("User", self.get(email=(username or "").lower()))


class User(AbstractBaseUser, PermissionsMixin):
    """One login. What it may do is given per program and per partner (``loyalty.kernel.access``)."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("full name"), max_length=120)
    realm = models.CharField(_("realm"), max_length=10, choices=Realm.choices, default=Realm.STAFF)
    is_active = models.BooleanField(_("active"), default=True)
    is_operator = models.BooleanField(
        _("operator"), default=False, help_text=_("Runs the platform: programs, users, jobs. Grants no points.")
    )
    needs_second_factor = models.BooleanField(
        _("must use a second factor"), default=False,
        help_text=_("Opens nothing but its set-up until the user has one."),
    )  # fmt: skip
    second_factor_at = models.DateTimeField(_("second factor since"), null=True, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "loyalty_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the staff site opens at all."""
        return self.realm == Realm.STAFF

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]
