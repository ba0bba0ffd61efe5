"""Who takes part: members, the accounts they earn on, what identifies them, and the one table of personal data."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.text import TranslatedText


class MemberStatus(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("member", "Active")
    BLOCKED = "blocked", pgettext_lazy("member", "Blocked")
    ERASED = "erased", pgettext_lazy("member", "Erased")


class Member(ProgramModel):
    """A membership in one program. Holds nothing personal: that is :class:`PersonalData`."""

    public_id = public_id()
    number = models.CharField(_("member number"), max_length=20)
    status = models.CharField(_("status"), max_length=8, choices=MemberStatus.choices, default=MemberStatus.ACTIVE)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, default="en")
    region = ProgramForeignKey(
        "programs_setup.Region", null=True, blank=True, verbose_name=_("region"), related_name="+"
    )
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    enrolled_at = models.DateTimeField(_("member since"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_member"
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="members_member_number")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_active(self) -> bool:
        return self.status == MemberStatus.ACTIVE


class PersonalData(ProgramModel):
    """Everything personal of one member, in one place, so that erasure is one deletion.

    E-mail and phone are encrypted (``loyalty.kernel.secrecy``) beside a keyed hash for exact search; the name is in clear
    with a normalized column for search by part.
    """

    member = models.OneToOneField(
        Member, models.PROTECT, verbose_name=_("member"), related_name="personal", db_constraint=False
    )
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    name_search = models.CharField(max_length=170, blank=True, editable=False)
    email_sealed = models.BinaryField(null=True)
    email_index = models.BinaryField(null=True, max_length=32)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True, max_length=32)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_personal_data"
        verbose_name = _("personal data")
        verbose_name_plural = _("personal data")
        indexes = [
            GinIndex(OpClass("name_search", name="gin_trgm_ops"), name="members_personal_name"),
            models.Index(fields=["program", "email_index"], name="members_personal_email"),
            models.Index(fields=["program", "phone_index"], name="members_personal_phone"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name as people say them."""
        return f"{self.first_name} {self.last_name}".strip()


class IdentifierKind(models.TextChoices):
    CARD = "card", _("Card")
    VIRTUAL_CARD = "virtual_card", _("Virtual card")
    EXTERNAL = "external", _("External number")


class IdentifierState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("card", "Active")
    BLOCKED = "blocked", pgettext_lazy("card", "Blocked")
    REPLACED = "replaced", pgettext_lazy("card", "Replaced")


class Identifier(ProgramModel):
    """What a till reads to know the member. Phone and e-mail identify too, through their hash in the personal data."""

    member = ProgramForeignKey(Member, verbose_name=_("member"), related_name="identifiers")
    kind = models.CharField(_("kind"), max_length=12, choices=IdentifierKind.choices)
    value = models.CharField(_("number"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=IdentifierState.choices, default=IdentifierState.ACTIVE)
    blocked_at = models.DateTimeField(_("blocked"), null=True, editable=False)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_identifier"
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "value"], name="members_identifier_value"),
        ]
        indexes = [models.Index(fields=["member"], name="members_identifier_member")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"


class AccountKind(models.TextChoices):
    INDIVIDUAL = "individual", _("Individual")
    HOUSEHOLD = "household", _("Household")
    COMPANY = "company", _("Company")


class Account(ProgramModel):
    """What owns wallets: one person's, a household's or a company's."""

    public_id = public_id()
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind.choices, default=AccountKind.INDIVIDUAL)
    parent = ProgramForeignKey("self", null=True, blank=True, verbose_name=_("belongs to"), related_name="children")
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_account"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.public_id)


class AccountMember(ProgramModel):
    """A member's place in an account; ``is_primary`` marks the account that the member's purchases earn on."""

    account = ProgramForeignKey(Account, verbose_name=_("account"), related_name="members")
    member = ProgramForeignKey(Member, verbose_name=_("member"), related_name="accounts")
    role = models.CharField(_("role"), max_length=10, default="owner")
    may_spend = models.BooleanField(_("may spend"), default=True)
    is_primary = models.BooleanField(_("purchases earn here"), default=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_account_member"
        verbose_name = _("place in an account")
        verbose_name_plural = _("places in accounts")
        constraints = [
            models.UniqueConstraint(fields=["account", "member"], name="members_account_member_pair"),
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(is_primary=True), name="members_account_member_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.role


class MemberTier(ProgramModel):
    """A member's tier in one scheme for a time; the row without ``ended_at`` is the present one."""

    member = ProgramForeignKey(Member, verbose_name=_("member"), related_name="tiers", db_index=False)
    scheme = ProgramForeignKey("programs_tiers.TierScheme", verbose_name=_("tier scheme"), related_name="+")
    tier = ProgramForeignKey("programs_tiers.Tier", verbose_name=_("tier"), related_name="+")
    since_at = models.DateTimeField(_("since"))
    valid_until = models.DateField(_("valid until"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    warned_at = models.DateTimeField(_("announced"), null=True)
    cause = models.CharField(_("cause"), max_length=20)
    note = models.CharField(_("note"), max_length=200, blank=True, default="", db_default="")
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_member_tier"
        verbose_name = _("tier of a member")
        verbose_name_plural = _("tiers of members")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "scheme"],
                condition=models.Q(ended_at__isnull=True),
                name="members_member_tier_present",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("since_at")),
                name="members_member_tier_period",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "valid_until"], condition=models.Q(ended_at__isnull=True), name="members_tier_review"
            ),
            # What segments read of every member, in the order of members and without a look into the table.
            models.Index(
                fields=["member", "scheme", "since_at"],
                include=["program", "tier", "ended_at"],
                name="members_member_tier_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier_id}"


class AttributeKind(models.TextChoices):
    """The values that a declared attribute takes; their rules are those of declared events."""

    TEXT = "text", _("Text")
    WHOLE = "whole", _("Whole number")
    NUMBER = "number", _("Number")
    YES_NO = "yes_no", _("Yes or no")
    DATE = "date", _("Date")


class MemberAttribute(ProgramModel):
    """A property of members that the program declares: rules read it as ``member.<code>``, promotions may set it."""

    code = models.CharField(
        _("code"), max_length=40, help_text=_("Small letters, digits and _; rules know it by this."),
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("Small letters, digits and _, a letter first.")),
            RegexValidator(r"^(id|tier|segments|birthday|age|city|balance|consent)\Z", _("The platform uses this code itself."),
                           inverse_match=True),
        ],
    )  # fmt: skip
    name = TranslatedText(_("name"))
    kind = models.CharField(_("kind"), max_length=6, choices=AttributeKind.choices, default=AttributeKind.TEXT)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_attribute"
        verbose_name = _("attribute of members")
        verbose_name_plural = _("attributes of members")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="members_attribute_code")]

    def __str__(self) -> str:
        return str(self.name)
