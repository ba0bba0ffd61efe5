"""Giving and withdrawing consents, and publishing the words that are agreed to."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import Refusal
from loyalty.kernel.text import Texts
from loyalty.kernel.unit_of_work import unit_of_work
from members.consents import operations
from members.consents.models import Consent, ConsentText, Decision
from members.profiles import operations as profiles

GIVEN = outbox.declare("consent.given")
WITHDRAWN = outbox.declare("consent.withdrawn")


class OtherText(Refusal):
    """The member saw words that no longer hold."""

    code = "consents.other_text"
    status = 409
    field = "version"


class NotGiven(Refusal):
    """There is nothing to withdraw."""

    code = "consents.not_given"
    status = 409


class InTheFuture(Refusal):
    """Dated later than the clock allows."""

    code = "consents.in_the_future"
    field = "at"


class Overtaken(Refusal):
    """Another text was published since this one was asked for."""

    code = "consents.overtaken"
    status = 409


@dataclass(frozen=True, slots=True)
class Said:
    """What a member said and its proof: ``version`` of the text they saw, how and where they said it."""

    purpose: str
    decision: Decision
    version: int
    method: str
    language: str
    channel: str
    place: str = ""


def record_consent(*, member_id: int, said: Said, request_key: str, at: datetime, now: datetime) -> Consent:
    """Record that a member of the program in scope gave or withdrew a consent.

    A repeated ``request_key`` returns the first record. Withdrawing is as easy as giving: it needs no text's version.

    :raises NotFound: no such member here.
    :raises operations.UnknownPurpose: nobody is asked for this.
    :raises OtherText: given to words that no longer hold.
    :raises NotGiven: withdrawn without being given.
    :raises InTheFuture: dated later than the clock allows.
    """
    if at > now + settings.CLOCK_SKEW_ACCEPTED:
        raise InTheFuture(at=at.isoformat())
    with unit_of_work():
        person = profiles.lock_person(member_id)
        if earlier := Consent.objects.filter(request_key=request_key).select_related("text", "purpose").first():
            return earlier
        text = operations.text_of(said.purpose)
        last = operations.last_decision(member_id, text.purpose_id)
        if said.decision == Decision.WITHDRAWN:
            if last is None or not last.is_given:
                raise NotGiven()
            text = last.text
        elif said.version != text.version:
            raise OtherText(present=text.version, version=said.version)
        consent = operations.write(
            Consent(
                member_id=member_id, purpose_id=text.purpose_id, text=text, decision=said.decision, method=said.method,
                language=said.language, channel=said.channel, place=said.place, request_key=request_key,
                occurred_at=min(at, now),
            )
        )  # fmt: skip
        before = last.decision if last else None
        audit.record(f"consent.{said.decision}", person.member, changes={said.purpose: (before, said.decision)})
        told = GIVEN if consent.is_given else WITHDRAWN
        outbox.add(told, subject="consent", subject_id=consent.pk, at=consent.occurred_at)
    return consent


def publish_text(*, purpose_id: int, text: Texts, after: int | None = None) -> ConsentText:
    """Publish new words for a purpose: from now on they are what members agree to. Earlier consents keep theirs.

    :param after: the version that these words were written to follow, 0 for none; None: whichever there is.
    :raises NotFound: no such purpose here, or archived.
    :raises Overtaken: another version than ``after`` holds now, with other words.
    """
    with unit_of_work():
        version = operations.next_version(purpose_id)
        if after is not None and version != after + 1:
            last = ConsentText.objects.get(purpose_id=purpose_id, version=version - 1)
            if version == after + 2 and last.text == text:
                return last
            raise Overtaken(version=version - 1)
        published: ConsentText = ConsentText.objects.create(purpose_id=purpose_id, version=version, text=text)
        audit.record("consent_text.published", published, changes={"version": (version - 1 or None, version)})
    return published
