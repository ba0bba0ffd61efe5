"""What members agreed to: purposes, the texts shown for them by version, and every giving and withdrawal with its proof."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE


class ConsentPurpose(ProgramModel):
    """What data are used for when a member agrees."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"), help_text=_("As members read it, for example “News by e-mail”."))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_consent_purpose"
        verbose_name = _("consent purpose")
        verbose_name_plural = _("consent purposes")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="members_consent_purpose_code")]

    def __str__(self) -> str:
        return str(self.name)


class ConsentText(ProgramModel):
    """One version of what is agreed to. Never changed: who agreed to it agreed to these words."""

    purpose = ProgramForeignKey(ConsentPurpose, verbose_name=_("purpose"), related_name="texts")
    version = models.PositiveIntegerField(_("version"), editable=False)
    text = TranslatedText(_("text"))
    published_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_consent_text"
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="members_consent_text_version")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Decision(models.TextChoices):
    GIVEN = "given", pgettext_lazy("consent", "Given")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class Method(models.TextChoices):
    """How the member said it."""

    CHECKBOX = "checkbox", _("ticked a box")
    SPOKEN = "spoken", _("said it")
    PAPER = "paper", _("signed on paper")
    LINK = "link", _("followed a link")


class Consent(ProgramModel):
    """A member gave or withdrew a consent: to which words, when, where and how, and who wrote it down.

    The newest row of a purpose is what holds. Rows are added, never changed.
    """

    public_id = public_id()
    member = ProgramForeignKey("members_profiles.Member", related_name="consents", db_index=False)
    purpose = ProgramForeignKey(ConsentPurpose, related_name="+", db_index=False)
    text = ProgramForeignKey(ConsentText, related_name="+", db_index=False)
    decision = models.CharField(_("decision"), max_length=9, choices=Decision.choices)
    method = models.CharField(_("how"), max_length=10, choices=Method.choices)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    channel = models.CharField(_("where"), max_length=20)
    place = models.CharField(_("place"), max_length=80, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(_("recorded by"), max_length=160)
    address = models.GenericIPAddressField(null=True)
    request_key = models.CharField(max_length=120)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_consent"
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [models.UniqueConstraint(fields=["program", "request_key"], name="members_consent_once")]
        indexes = [models.Index(fields=["member", "purpose", "-id"], name="members_consent_history")]

    def __str__(self) -> str:
        return f"{self.decision} {self.purpose_id}"

    @property
    def is_given(self) -> bool:
        return self.decision == Decision.GIVEN
