"""Messages and receipt lines that purchases set off, and what is really sent."""

from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from loyalty.kernel import clock, outbox, scope
from loyalty.kernel.models import OutboxEvent
from loyalty.kernel.unit_of_work import unit_of_work
from members.consents import services as consents
from members.consents.models import ConsentPurpose, ConsentText, Decision
from members.consents.services import Said
from members.messaging import sending
from members.messaging.models import Message, MessageTemplate
from members.profiles.models import Member
from tests import factories
from tests.factories import NOON, Shop
from tests.rewards.vouchers.room import CARD, bring_back, buy, make_template

pytestmark = pytest.mark.django_db

THANKS: dict[str, Any] = {
    "schema": "promo/1",
    "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"},
    "then": [{"effect": "voucher", "template": "FIVE"}, {"effect": "message", "template": "THANKS"}],
    "else": [{"effect": "print", "text": {"en": "Add {missing_amount} for a voucher", "pl": "Dodaj {missing_amount}"}}],
}


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def open_shop(*, language: str = "pl", email: str = "anna@example.com", **template: Any) -> Shop:
    shop = factories.make_program()
    factories.make_member(shop, card=CARD, first_name="Anna", email=email, language=language)
    make_template(shop)
    with factories.entered(shop):
        made = {
            "name": {"en": "Thanks"},
            "channel": "email",
            "subject": {"en": "Thank you, {first_name}", "pl": "Dziękujemy, {first_name}"},
            "body": {"en": "{first_name}, your code: {voucher}", "pl": "{first_name}, kod: {voucher} ({program})"},
            **template,
        }
        MessageTemplate.objects.create(code="THANKS", **made)
    factories.publish(shop, "THANKS", THANKS)
    return shop


def client(shop: Shop) -> Any:
    return factories.client(shop, "purchases.write")


def deliver(shop: Shop) -> None:
    with factories.entered(shop):
        outbox.deliver_due()


def the_message(shop: Shop) -> Message:
    with factories.entered(shop):
        found: Message = Message.objects.get()
        return found


def say(shop: Shop, decision: str, key: str) -> None:
    with factories.entered(shop):
        text = ConsentText.objects.get()
        said = Said("NEWS", Decision(decision), text.version, "checkbox", "en", "desk")
        member = Member.objects.get()
        consents.record_consent(member_id=member.pk, said=said, request_key=key, at=NOON, now=NOON)


def marketing_shop() -> Shop:
    shop = open_shop()
    with factories.entered(shop), unit_of_work():
        purpose = ConsentPurpose.objects.create(code="NEWS", name={"en": "News"})
        ConsentText.objects.create(purpose=purpose, version=1, text={"en": "May we write?"})
        MessageTemplate.objects.update(category="marketing", purpose=purpose)
    return shop


class TestSent:
    def test_in_the_members_language_with_the_voucher_of_the_same_rule(self):
        shop = open_shop()

        answer = buy(client(shop)).json()

        code = answer["vouchers"][0]["code"]
        assert answer["messages"] == [{"rule": "THANKS", "template": "THANKS", "channel": "email", "state": "queued"}]
        row = the_message(shop)
        # The name is put in when it is sent: nothing personal is kept here.
        assert (row.language, row.subject, row.body) == (
            "pl",
            "Dziękujemy, {first_name}",
            f"{{first_name}}, kod: {code} (SHOP)",
        )
        assert mail.outbox == []

        deliver(shop)

        (sent,) = mail.outbox
        assert (sent.to, sent.subject, sent.body) == (
            ["anna@example.com"], "Dziękujemy, Anna", f"Anna, kod: {code} (SHOP)",
        )  # fmt: skip
        row = the_message(shop)
        assert (row.state, row.sent_at) == ("sent", NOON)

    def test_once_whatever_is_repeated(self):
        shop = open_shop()
        api = client(shop)
        buy(api)
        assert buy(api)["Idempotent-Replay"] == "true"
        deliver(shop)
        with factories.entered(shop):
            event = OutboxEvent.objects.get(type="message.queued")

            with unit_of_work():
                sending.send(event)

        assert len(mail.outbox) == 1
        assert the_message(shop).state == "sent"

    def test_a_text_of_the_promotions_own_stands_in_the_members_list_at_once(self):
        shop = open_shop()
        own = {"effect": "message", "text": {"en": "Well done, {first_name}"}}
        factories.publish(shop, "THANKS", {**THANKS, "then": [own]})

        with clock.fixed(NOON.replace(hour=13)):
            answer = buy(client(shop), at="2026-10-20T12:30:00Z").json()

        assert answer["messages"] == [{"rule": "THANKS", "template": "", "channel": "in_app", "state": "sent"}]
        deliver(shop)
        assert mail.outbox == []


class TestNotSent:
    def test_without_an_address(self):
        shop = open_shop(email="")

        answer = buy(client(shop)).json()

        assert answer["messages"][0]["state"] == "suppressed"
        assert (the_message(shop).state, the_message(shop).reason) == ("suppressed", "no_address")
        deliver(shop)
        assert mail.outbox == []

    def test_marketing_without_consent(self):
        shop = marketing_shop()

        buy(client(shop))

        assert (the_message(shop).state, the_message(shop).reason) == ("suppressed", "no_consent")

    def test_marketing_with_consent_goes_until_it_is_withdrawn(self):
        shop = marketing_shop()
        say(shop, "given", "c1")
        buy(client(shop))
        assert the_message(shop).state == "queued"

        say(shop, "withdrawn", "c2")
        deliver(shop)

        assert (the_message(shop).state, the_message(shop).reason) == ("suppressed", "no_consent")
        assert mail.outbox == []

    def test_goods_brought_back_before_it_went(self):
        shop = open_shop()
        api = client(shop)
        buy(api)

        bring_back(api, 2)
        deliver(shop)

        assert (the_message(shop).state, the_message(shop).reason) == ("suppressed", "returned")
        assert mail.outbox == []

    def test_an_address_that_the_server_refuses_has_failed(self):
        shop = open_shop()
        buy(client(shop))

        with mock.patch("django.core.mail.EmailMessage.send", side_effect=SMTPRecipientsRefused({})):
            deliver(shop)

        assert (the_message(shop).state, the_message(shop).reason) == ("failed", "address_refused")

    def test_a_server_that_is_away_is_asked_again(self):
        shop = open_shop()
        buy(client(shop))

        with mock.patch("django.core.mail.EmailMessage.send", side_effect=SMTPServerDisconnected):
            deliver(shop)

        assert the_message(shop).state == "queued"
        with clock.fixed(NOON.replace(minute=1)):
            deliver(shop)
        assert the_message(shop).state == "sent"
        assert len(mail.outbox) == 1


class TestPrint:
    def test_says_on_the_receipt_what_is_missing(self):
        shop = open_shop()

        answer = buy(client(shop), price="12.00").json()

        assert (answer["print"], answer["vouchers"], answer["messages"]) == (["Dodaj 8.00"], [], [])

    def test_a_repeat_prints_the_same(self):
        shop = open_shop(language="en")
        api = client(shop)
        first = buy(api, price="12.00").json()

        with scope.enter([shop.program_id], scope.SYSTEM):
            Member.objects.update(language="pl")

        assert first["print"] == ["Add 8.00 for a voucher"]
        assert buy(api, price="12.00").json()["print"] == ["Add 8.00 for a voucher"]


class TestPublishing:
    @pytest.mark.parametrize(
        ("effect", "field", "code"),
        [
            ({"effect": "message", "template": "NONE"}, "/then/0/template", "unknown_template"),
            ({"effect": "message", "template": "THANKS", "channel": "sms"}, "/then/0/channel", "other_channel"),
            ({"effect": "message", "channel": "sms", "text": {"en": "x"}}, "/then/0/channel", "channel_needs_template"),
            ({"effect": "message", "text": {"en": "Hello {nobody}"}}, "/then/0/text/en", "unknown_placeholder"),
            ({"effect": "print", "text": {"pl": "Witaj {first_name}"}}, "/then/0/text/pl", "unknown_placeholder"),
            ({"effect": "print", "template": "THANKS"}, "/then/0/template", "unknown_template"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, effect, field, code):
        shop = open_shop()
        earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "1"}}

        with pytest.raises(Exception, match=code) as refusal:
            factories.publish(shop, "OTHER", {"schema": "promo/1", "then": [effect, earn]})

        assert refusal.value.facts["errors"] == [(field, code)]

    @pytest.mark.parametrize("text", ["{nobody}", "{", "a } b", "{{first_name}}"])
    def test_a_template_with_a_place_that_nothing_fills_is_refused(self, text):
        shop = open_shop()
        with factories.entered(shop):
            row = MessageTemplate.objects.get()
            row.body = {"en": text}

            with pytest.raises(ValidationError, match="Nothing fills in"):
                row.full_clean()
