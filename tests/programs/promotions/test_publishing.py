"""Drafts, approval, publishing and stopping: through the services that the pages and the API call."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.kernel import clock, scope
from loyalty.kernel.errors import Malformed
from loyalty.kernel.models import User
from programs.promotions import queries, services, snapshots
from programs.promotions.models import Promotion, PromotionReview, PromotionVersion, Snapshot, Standing
from programs.setup.models import Program
from tests import races
from tests.members.world import START, make_world

BASE = {"phase": "base", "then": [{"effect": "earn", "formula": {"kind": "rate", "points": "1", "per": "1.00"}}]}
BONUS = {"then": [{"effect": "earn", "formula": {"kind": "fixed", "points": "10"}}]}
NOW = START + timedelta(days=1)


@pytest.fixture
def world(db):
    built = make_world(documents={"BASE": BASE})
    with scope.enter([built.program_id], scope.SYSTEM), clock.fixed(NOW):
        yield built


def written(code="BONUS", document=BONUS):
    return services.write_promotion(code=code, name={"en": code.title()}, document=document)


def acting(user, program_id):
    return scope.enter([program_id], scope.Actor(kind="user", id=user.pk, label=user.email))


def stands(code, at=NOW):
    promotion = Promotion.objects.get(code=code)
    return queries.standing(promotion, list(promotion.versions.all()), at, Program.objects.get().zone)


class TestDraft:
    def test_may_be_unfinished(self, world):
        promotion = written().promotion
        draft = services.save_draft(promotion_id=promotion.pk, document={"then": []}, name={"en": "Bonus"}, seen=None)
        assert (draft.number, draft.document, draft.state) == (1, {"then": []}, "draft")
        with pytest.raises(Malformed):
            services.publish_version(version_id=draft.pk, starts_at=None, now=NOW)
        assert stands("BONUS") == Standing.DRAFT

    def test_of_somebody_else_is_not_written_over(self, world):
        version = written()
        seen = version.document_hash
        services.save_draft(promotion_id=version.promotion_id, document=BASE, name={"en": "Bonus"}, seen=seen)
        with pytest.raises(services.ChangedMeanwhile):
            services.save_draft(promotion_id=version.promotion_id, document=BONUS, name={"en": "Bonus"}, seen=seen)
        assert PromotionVersion.objects.get(pk=version.pk).document == BASE

    def test_of_a_published_promotion_is_its_next_version(self, world):
        promotion = Promotion.objects.get(code="BASE")
        draft = services.save_draft(promotion_id=promotion.pk, document=BONUS, name={"en": "Base"}, seen="")
        assert draft.number == 2
        assert [one.document for one in promotion.versions.order_by("number")] == [BASE, BONUS]
        assert stands("BASE") == Standing.LIVE

    def test_can_be_put_aside(self, world):
        version = written()
        services.discard_draft(version_id=version.pk)
        assert PromotionVersion.objects.get(pk=version.pk).state == "discarded"
        assert Promotion.objects.get(code="BONUS").archived_at == NOW
        with pytest.raises(services.NotADraft):
            services.publish_version(version_id=version.pk, starts_at=None, now=NOW)


class TestApproval:
    def test_takes_a_second_person(self, world):
        author, colleague = (
            User.objects.create(email="author@example.com"),
            User.objects.create(email="colleague@example.com"),
        )
        Program.objects.update(is_approval_needed=True)
        with acting(author, world.program_id):
            version = written()
            with pytest.raises(services.NeedsApproval):
                services.publish_version(version_id=version.pk, starts_at=None, now=NOW)
            services.submit_version(version_id=version.pk, comment="Please look")
            with pytest.raises(services.OwnWork):
                services.approve_version(version_id=version.pk)
            assert stands("BONUS") == Standing.REVIEW
        with acting(colleague, world.program_id):
            services.approve_version(version_id=version.pk, comment="Fine")
        with acting(author, world.program_id):
            services.publish_version(version_id=version.pk, starts_at=None, now=NOW)
        assert stands("BONUS") == Standing.LIVE
        said = PromotionReview.objects.filter(version=version).values_list("deed", "comment", "user")
        assert list(said) == [
            ("written", "", author.pk), ("submitted", "Please look", author.pk), ("approved", "Fine", colleague.pk),
            ("published", "", author.pk),
        ]  # fmt: skip

    def test_holds_the_version_still(self, world):
        version = written()
        services.submit_version(version_id=version.pk)
        with pytest.raises(services.NotADraft):
            services.save_draft(promotion_id=version.promotion_id, document=BASE, name={"en": "Bonus"}, seen=None)
        with pytest.raises(Malformed):
            services.return_version(version_id=version.pk, comment=" ")
        services.return_version(version_id=version.pk, comment="Too dear")
        services.save_draft(promotion_id=version.promotion_id, document=BASE, name={"en": "Bonus"}, seen=None)
        assert PromotionVersion.objects.get(pk=version.pk).document == BASE

    def test_is_not_asked_for_what_cannot_be_published(self, world):
        draft = services.save_draft(
            promotion_id=written().promotion_id, document={"then": []}, name={"en": "Bonus"}, seen=None
        )
        with pytest.raises(Malformed):
            services.submit_version(version_id=draft.pk)
        assert PromotionVersion.objects.get(pk=draft.pk).state == "draft"


class TestTime:
    def test_a_version_of_tomorrow_is_scheduled_and_then_live(self, world):
        version = written()
        tomorrow = NOW + timedelta(days=1)
        services.publish_version(version_id=version.pk, starts_at=tomorrow, now=NOW)
        assert (stands("BONUS"), stands("BONUS", tomorrow)) == (Standing.SCHEDULED, Standing.LIVE)

    def test_the_schedule_of_the_document_counts_too(self, world):
        period = {"from": "2026-03-10T00:00:00", "to": "2026-03-20T00:00:00"}
        version = written(document={**BONUS, "schedule": period})
        services.publish_version(version_id=version.pk, starts_at=None, now=NOW)
        days = [datetime(2026, 3, day, tzinfo=UTC) for day in (5, 10, 20)]
        assert [stands("BONUS", day) for day in days] == [Standing.SCHEDULED, Standing.LIVE, Standing.ENDED]

    def test_a_period_that_is_over_is_refused(self, world):
        version = written(document={**BONUS, "schedule": {"to": "2026-03-01T00:00:00"}})
        before = Snapshot.objects.count()
        with pytest.raises(services.EndsBeforeItStarts):
            services.publish_version(version_id=version.pk, starts_at=None, now=NOW)
        assert (PromotionVersion.objects.get(pk=version.pk).effective, Snapshot.objects.count()) == (None, before)

    def test_stopping_before_the_start_takes_it_out_whole(self, world):
        version = written()
        services.publish_version(version_id=version.pk, starts_at=NOW + timedelta(days=3), now=NOW)
        services.stop_promotion(promotion_id=version.promotion_id, now=NOW, comment="Wrong budget")
        assert "BONUS" not in {rule.code for rule in snapshots.present().rules}
        assert PromotionReview.objects.filter(deed="stopped").get().comment == "Wrong budget"

    def test_a_stopped_promotion_runs_again_with_its_terms(self, world):
        promotion = Promotion.objects.get(code="BASE")
        services.stop_promotion(promotion_id=promotion.pk, now=NOW)
        assert stands("BASE") == Standing.PAUSED
        with pytest.raises(services.NotRunning):
            services.stop_promotion(promotion_id=promotion.pk, now=NOW)
        later = NOW + timedelta(hours=1)
        resumed = services.resume_promotion(promotion_id=promotion.pk, now=later)
        assert (resumed.number, resumed.document, stands("BASE", later)) == (2, BASE, Standing.LIVE)
        with pytest.raises(services.NotRunning):
            services.resume_promotion(promotion_id=promotion.pk, now=later)
        holding = {at: set(snapshots.present().at(at)[1]) for at in (NOW, later)}
        assert holding == {NOW: set(), later: {"BASE"}}


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_publishes_lose_nothing(self):
        world = make_world(documents={"BASE": BASE})
        with scope.enter([world.program_id], scope.SYSTEM), clock.fixed(NOW):
            versions = [written(code) for code in ("FIRST", "SECOND")]

        def publish(number):
            with scope.enter([world.program_id], scope.SYSTEM), clock.fixed(NOW):
                return services.publish_version(version_id=versions[number].pk, starts_at=None, now=NOW)

        # The danger zone lies between reading the versions and writing the snapshot.
        answers = races.race(publish, times=2, pause_before=(snapshots.json, "dumps"))
        assert races.names(answers) == ["PromotionVersion", "PromotionVersion"]
        with scope.enter([world.program_id], scope.SYSTEM):
            assert {rule.code for rule in snapshots.present().rules} == {"BASE", "FIRST", "SECOND"}


class TestClashes:
    """Hard contradictions with promotions that run are refused with their reason."""

    def test_a_second_base_rule_for_everybody_is_refused_and_nothing_moves(self, world):
        draft, before = written("AAA", BASE), Snapshot.objects.count()
        with pytest.raises(services.Clashes) as refused:
            services.publish_version(version_id=draft.pk, starts_at=None, now=NOW)
        assert refused.value.facts == {"rule": "BASE", "problem": "second_base_rule"}
        assert refused.value.field == "/then/0"
        draft.refresh_from_db()
        assert (draft.state, Snapshot.objects.count()) == ("draft", before)

    def test_the_next_version_of_a_promotion_does_not_contradict_itself(self, world):
        version = written("BASE", {**BASE, "priority": 5})
        assert services.publish_version(version_id=version.pk, starts_at=None, now=NOW).number == 2

    def test_what_was_stopped_contradicts_nothing(self, world):
        services.stop_promotion(promotion_id=Promotion.objects.get(code="BASE").pk, now=NOW)
        version = written("AAA", BASE)
        assert services.publish_version(version_id=version.pk, starts_at=None, now=NOW).state == "published"
