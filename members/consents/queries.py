"""Reads of consents: what holds now, and every giving and withdrawal behind it."""

from dataclasses import dataclass

from django.db.models import Max

from loyalty.kernel.registries import Attribute
from members.consents.models import Consent, ConsentPurpose, ConsentText


@dataclass(frozen=True, slots=True)
class Standing:
    """One purpose for one member: the words that hold now and the member's decisions, the newest first."""

    purpose: ConsentPurpose
    present: ConsentText
    history: tuple[Consent, ...]

    @property
    def last(self) -> Consent | None:
        """The decision that holds; nothing while the member was never asked."""
        return self.history[0] if self.history else None

    @property
    def is_given(self) -> bool:
        return self.last is not None and self.last.is_given

    @property
    def is_of_older_text(self) -> bool:
        """Whether the member agreed to words that have changed since."""
        return self.is_given and self.last is not None and self.last.text_id != self.present.pk


def present_texts() -> dict[int, ConsentText]:
    """The newest text of each purpose that is asked for, by the purpose's key."""
    texts = ConsentText.objects.filter(purpose__archived_at__isnull=True).select_related("purpose")
    return {text.purpose_id: text for text in texts.order_by("purpose__code", "version")}


def newest_version(purpose_id: int) -> int:
    """The number of a purpose's newest text; 0 while it has none."""
    highest: int | None = ConsentText.objects.filter(purpose_id=purpose_id).aggregate(highest=Max("version"))["highest"]
    return highest or 0


def standings(member_id: int) -> list[Standing]:
    """Every purpose that the member may be asked for, by code, with the member's history of it."""
    by_purpose: dict[int, list[Consent]] = {}
    for row in Consent.objects.filter(member_id=member_id).select_related("text").order_by("-pk"):
        by_purpose.setdefault(row.purpose_id, []).append(row)
    return [
        Standing(text.purpose, text, tuple(by_purpose.get(purpose_id, ())))
        for purpose_id, text in present_texts().items()
    ]


def consent_attributes() -> list[Attribute]:
    """What members of the program in scope may agree to, as conditions read it: yes, no, or never asked."""
    rows = ConsentPurpose.objects.filter(archived_at__isnull=True).order_by("code")
    return [
        Attribute(f"member.consent.{row.code}", "yes_no", str(row.name), ("eq", "is_present", "is_missing"))
        for row in rows
    ]
