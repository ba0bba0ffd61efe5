"""Keys of machines: tills, shops, partners' systems."""

import hashlib
import secrets
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import ProgramModel, public_id, recorded_at


def digest(token: str) -> bytes:
    """What is stored of a key. The token has 256 random bits, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A token that nobody has seen."""
    return f"lk_{secrets.token_urlsafe(32)}"


class ApiKey(ProgramModel):
    """A key of one program, optionally of one partner or one location, with scopes. The token is shown once and never stored."""

    public_id = public_id()
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    former_digest = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    """The token before, which opens as well until ``former_until``: machines change over one after the other."""
    former_until = models.DateTimeField(_("former token until"), null=True, blank=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, blank=True, verbose_name=_("partner"), related_name="+"
    )
    location = models.ForeignKey(
        "programs_catalog.Location", models.PROTECT, null=True, blank=True, verbose_name=_("location"), related_name="+",
        db_constraint=False, db_index=False,
        help_text=_("Purchases and returns of the key are of this place: one that names another is refused. Empty: of any."),
    )  # fmt: skip
    """Where the key stands: what it sends was done there, and nowhere else."""
    networks = ArrayField(models.CharField(max_length=49), verbose_name=_("from where"), default=list, blank=True)
    """Networks (CIDR) from which the key opens; empty: from everywhere."""
    rate_per_second = models.PositiveIntegerField(
        _("requests a second"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Empty: as set for all keys."),
    )  # fmt: skip
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    created_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "loyalty_api_key"
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_usable(self, at: datetime) -> bool:
        """Whether the key opens anything at ``at``."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    @classmethod
    def issue(
        cls, *, name: str, scopes: list[str], partner_id: int | None = None, location_id: int | None = None
    ) -> "tuple[ApiKey, str]":
        """An unsaved key of the program in scope and its token."""
        token = new_token()
        key = cls.in_program(
            name=name, scopes=sorted(scopes), partner_id=partner_id, location_id=location_id, prefix=token[:8],
            digest=digest(token),
        )  # fmt: skip
        return key, token

    def rotate(self, former_until: datetime) -> str:
        """Give the unsaved key a new token; the present one opens until ``former_until``, one before it no more."""
        token = new_token()
        self.former_digest, self.former_until = self.digest, former_until
        self.prefix, self.digest = token[:8], digest(token)
        return token
