"""What members are told: templates, and every message with what became of it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.text import TranslatedText
from members.messaging import placeholders
from programs.setup.models import CODE


class Channel(models.TextChoices):
    """How a message reaches its reader. Only what is really delivered is offered."""

    EMAIL = "email", _("E-mail")
    IN_APP = "in_app", _("In the member’s own list of messages")
    TILL = "till", _("Line on the receipt")


class Category(models.TextChoices):
    SERVICE = "service", _("Service: belongs to taking part")
    MARKETING = "marketing", _("Marketing: needs a consent")


def validate_places(value: Any) -> None:
    """Refuse texts with a placeholder that nothing fills."""
    for text in value.values() if isinstance(value, Mapping) else ():
        for name in placeholders.faults(str(text)):
            known = ", ".join(f"{{{each}}}" for each in placeholders.KNOWN)
            raise ValidationError(
                _("Nothing fills in “%(name)s”. Known are: %(known)s."), params={"name": name, "known": known}
            )


class MessageTemplate(ProgramModel):
    """A message in the program's languages. A marketing message names the consent without which nobody gets it."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"), help_text=_("As staff call it."))
    channel = models.CharField(_("channel"), max_length=6, choices=Channel.choices, default=Channel.EMAIL)
    category = models.CharField(_("kind"), max_length=9, choices=Category.choices, default=Category.SERVICE)
    purpose = ProgramForeignKey(
        "members_consents.ConsentPurpose", null=True, blank=True, verbose_name=_("consent"), related_name="+",
        help_text=_("Who has not given it does not get the message."),
    )  # fmt: skip
    subject = TranslatedText(_("subject"), blank=True, default=dict, validators=[validate_places])
    body = TranslatedText(
        _("text"), validators=[validate_places],
        help_text=_("Places to fill in: {first_name}, {program}, {voucher}, {missing_amount}."),
    )  # fmt: skip
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_message_template"
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="members_message_template_code"),
            models.CheckConstraint(
                condition=models.Q(category="service") | models.Q(purpose__isnull=False),
                name="members_message_template_consent",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class MessageState(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("message", "Waiting")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Failed")
    SUPPRESSED = "suppressed", pgettext_lazy("message", "Not sent")


class Message(ProgramModel):
    """One message to one member.

    ``subject`` and ``body`` are in the member's language, filled in but for what is personal: the name is put in when it
    is sent or shown. ``reason`` tells in a code why it was not sent.
    """

    public_id = public_id()
    member = ProgramForeignKey(
        "members_profiles.Member", verbose_name=_("member"), related_name="messages", db_index=False
    )
    template = ProgramForeignKey(
        MessageTemplate, null=True, verbose_name=_("template"), related_name="+", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=6, choices=Channel.choices)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    cause_kind = models.CharField(_("cause"), max_length=12)
    cause_id = models.BigIntegerField(null=True)
    rule = models.CharField(_("promotion"), max_length=64, blank=True)
    request_key = models.CharField(_("request key"), max_length=220)
    made_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_message"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["program", "request_key"], name="members_message_once")]
        indexes = [models.Index(fields=["member", "-made_at", "-id"], name="members_message_history")]

    def __str__(self) -> str:
        return self.subject or str(self.public_id)
