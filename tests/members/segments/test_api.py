"""``/api/v1/segments``: reading, members in and out by hand, counting anew."""

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import Job
from members.segments import services
from members.segments.documents import wrapped
from members.segments.models import SegmentMember
from members.segments.services.refreshing import refresh_segments
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

CARD = "79927398713"


@pytest.fixture
def shop():
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    with factories.entered(made):
        services.create_segment(code="VIP", name={"en": "VIP"}, kind="static", now=NOON)
        services.create_segment(
            code="ALL", name={"en": "All"}, kind="dynamic", document=wrapped({"op": "true"}), now=NOON
        )
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def api(shop):
    return factories.client(shop, "segments.read", "segments.write")


def post(api, path, body, key="k1"):
    return api.post(path, body, format="json", headers={"Idempotency-Key": key})


def test_the_list_says_kind_condition_and_count(shop, api):
    with factories.entered(shop):
        refresh_segments(now=NOON)
    first, second = api.get("/api/v1/segments").json()["results"]
    assert (first["code"], first["kind"], first["when"], first["members"]) == ("ALL", "dynamic", {"op": "true"}, 1)
    assert (second["code"], second["kind"], second["when"], second["members"]) == ("VIP", "static", None, 0)


def test_members_are_put_in_once_and_listed(shop, api):
    for _ in range(2):
        answer = post(api, "/api/v1/segments/VIP/members", {"add": [CARD]})
        assert (answer.status_code, answer.json()) == (200, {"added": 1, "removed": 0, "members": 1})
    listed = api.get("/api/v1/segments/VIP/members").json()
    assert len(listed["results"]) == 1
    assert listed["results"][0]["until"] is None
    answer = post(api, "/api/v1/segments/VIP/members", {"remove": [CARD]}, key="k2")
    assert answer.json() == {"added": 0, "removed": 1, "members": 0}
    assert api.get("/api/v1/segments/VIP/members").json()["results"] == []


def test_an_unknown_card_puts_nobody_in(shop, api):
    answer = post(api, "/api/v1/segments/VIP/members", {"add": [CARD, "0000"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "segments.unknown_members")
    with factories.entered(shop):
        assert not SegmentMember.objects.exists()


def test_a_segment_by_a_condition_takes_nobody_by_hand(shop, api):
    answer = post(api, "/api/v1/segments/ALL/members", {"add": [CARD]})
    assert (answer.status_code, answer.json()["code"]) == (409, "segments.not_by_hand")


def test_a_refresh_is_a_job(shop, api):
    answer = post(api, "/api/v1/segments/ALL/refresh", {})
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    with factories.entered(shop):
        assert Job.objects.filter(kind="segments.refresh", state="queued").count() == 1


def test_scopes_and_programs_are_kept_apart(shop, api):
    reader = factories.client(shop, "segments.read")
    assert post(reader, "/api/v1/segments/VIP/members", {"add": [CARD]}).status_code == 403
    assert api.get("/api/v1/segments/NONE/members").status_code == 404
