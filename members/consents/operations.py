"""Steps of consents within the caller's transaction."""

from django.db.models import Max

from loyalty.kernel import scope, telemetry
from loyalty.kernel.errors import NotFound, Refusal
from members.consents.models import Consent, ConsentPurpose, ConsentText


class UnknownPurpose(Refusal):
    """Nobody is asked for this."""

    code = "consents.unknown_purpose"
    field = "purpose"


def text_of(purpose_code: str) -> ConsentText:
    """The text that holds now for a purpose.

    :raises UnknownPurpose: no such purpose, archived, or without a text.
    """
    texts = ConsentText.objects.filter(purpose__archived_at__isnull=True).select_related("purpose")
    found: ConsentText | None = texts.filter(purpose__code=purpose_code).order_by("-version").first()
    if found is None:
        known = texts.order_by("purpose__code").values_list("purpose__code", flat=True).distinct()
        raise UnknownPurpose(purpose=purpose_code, known=", ".join(known) or "-")
    return found


def next_version(purpose_id: int) -> int:
    """The number of a purpose's next text; the purpose stays locked until the transaction ends.

    :raises NotFound: no such purpose here, or archived.
    """
    purposes = ConsentPurpose.objects.select_for_update(no_key=True, of=("self",))
    if purposes.filter(pk=purpose_id, archived_at__isnull=True).first() is None:
        raise NotFound()
    highest = ConsentText.objects.filter(purpose_id=purpose_id).aggregate(highest=Max("version"))["highest"]
    return (highest or 0) + 1


def last_decision(member_id: int, purpose_id: int) -> Consent | None:
    """The member's newest decision. Call it under the member's lock."""
    return Consent.objects.filter(member_id=member_id, purpose_id=purpose_id).order_by("-pk").first()


def write(consent: Consent) -> Consent:
    """Write a decision with who recorded it and from where."""
    actor = scope.actor()
    consent.actor_kind, consent.actor_id, consent.actor_label = actor.kind, actor.id, actor.label
    consent.address = telemetry.address()
    consent.save()
    consent.refresh_from_db()
    return consent
