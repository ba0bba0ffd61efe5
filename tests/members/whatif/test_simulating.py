"""Simulations: everybody's purchases judged again in the background, kept, read on a page and in files, stopped."""

import io
import zipfile
from datetime import timedelta

import pytest

from loyalty.kernel import clock, jobs, scope
from loyalty.kernel.models import AuditRecord, Job
from members.activity.models import Evaluation, Purchase
from members.ledger.models import Entry
from members.whatif import parallel, services
from members.whatif.models import Simulation
from members.whatif.queries import replaying as queries
from members.whatif.replaying import replay_in_sequence
from programs.promotions import services as promotions
from programs.promotions.models import LimitCounter
from programs.setup.models import Program
from tests.kernel.pages.staff import signed_in
from tests.members.desk.room import NOW, give_back, in_other_program
from tests.members.whatif.room import DOUBLE, open_bench

TOMORROW = NOW + timedelta(days=1)
LIST = "/admin/what-if/DOUBLE/simulations/"
BUDGET = {"id": "ALL", "scope": "promotion", "measure": "points", "max": "50"}


@pytest.fixture
def bench(db):
    return open_bench()


def rows():
    return Purchase.objects.count(), Evaluation.objects.count(), Entry.objects.count(), LimitCounter.objects.count()


def simulated(bench, days=30):
    with bench.room.world.entered(), clock.fixed(TOMORROW):
        asked = services.request_simulation(code="DOUBLE", days=days, user=None)
        before = rows()
        jobs.run(asked.job_id)
        assert rows() == before
        return Simulation.objects.get(pk=asked.pk)


@pytest.mark.django_db
class TestFigures:
    def test_are_those_of_the_draft_against_now(self, bench):
        with bench.room.world.entered():
            Program.objects.update(point_value="0.01")
            promotions.freeze_settings(now=NOW)
        found = simulated(bench).result
        assert (found["purchases"], found["paid"], found["hits"], found["members"]) == (1, 6000, 1, 1)
        assert (found["gives"], found["cost"]) == ({"POINTS": 60}, 60)
        assert (found["before"], found["after"]) == ({"POINTS": 70}, {"POINTS": 130})
        assert (found["winners"], found["losers"], found["payers"]) == (1, 0, [["", 60]])
        assert found["affected"][0] | {"member": 0} == {"member": 0, "value": 60, "change": {"POINTS": 60}, "hits": 1}
        assert len(found["days"]) == 30
        of_purchase = [one for one in found["days"] if one[0] == str(bench.room.purchase.occurred_date)]
        assert [one[1:] for one in of_purchase] == [[{"POINTS": 70}, {"POINTS": 130}]]

    def test_a_budget_tells_the_day_on_which_it_is_used_up(self, bench):
        bench.save({**DOUBLE, "limits": [BUDGET]})
        found = simulated(bench).result
        assert found["gives"] == {"POINTS": 50}
        (budget,) = found["budgets"]
        assert (budget["used"], budget["ended"]) == (50, str(bench.room.purchase.occurred_date))
        # Used up on one day, from which on nothing is left of it.
        ended = [one[0] for one in found["days"]].index(budget["ended"])
        assert budget["days"] == [0] * ended + [50] * (len(found["days"]) - ended)

    def test_goods_given_back_are_left_out(self, bench):
        give_back(bench.room)
        found = simulated(bench).result
        # One of the two cakes is back: the draft asks for two.
        assert (found["hits"], found["paid"]) == (0, 5000)

    def test_an_unfinished_draft_is_refused_and_nothing_is_queued(self, bench):
        bench.save({**DOUBLE, "then": []})
        with bench.room.world.entered():
            before = Job.objects.count()
            with pytest.raises(services.Unfinished):
                services.request_simulation(code="DOUBLE", days=30, user=None)
            with pytest.raises(services.DaysRefused):
                services.request_simulation(code="BONUS", days=31, user=None)
            assert (Simulation.objects.count(), Job.objects.count()) == (0, before)


@pytest.mark.django_db
class TestPage:
    def test_asks_watches_reads_and_takes_away(self, bench):
        client = signed_in(bench.user("marketer"))
        asked = client.post(LIST, {"days": "30", "_program": bench.room.world.program_id})
        page = asked.headers["Location"]
        found = client.get(page).content.decode()
        assert "data-refresh" in found
        assert "Stop" in found
        with bench.room.world.entered(), clock.fixed(TOMORROW):
            jobs.run(Simulation.objects.get().job_id)
        found = client.get(page).content.decode()
        assert "Version 1 would have given 60 points to 1 member" in found
        assert "data-refresh" not in found
        assert "M100" in found
        assert "Anna" not in found
        assert client.get(f"{page}pdf/").content.startswith(b"%PDF")
        book = zipfile.ZipFile(io.BytesIO(client.get(f"{page}xlsx/").content))
        assert "Rule by rule" in book.read("xl/workbook.xml").decode()
        with bench.room.world.entered():
            assert AuditRecord.objects.filter(action="simulation.downloaded").count() == 2
        assert page in client.get(LIST).content.decode()

    def test_one_that_is_stopped_keeps_nothing(self, bench):
        client = signed_in(bench.user("marketer"))
        page = client.post(LIST, {"days": "90", "_program": bench.room.world.program_id}).headers["Location"]
        client.post(f"{page}stop/", {"_program": bench.room.world.program_id})
        with bench.room.world.entered():
            assert not jobs.run(Simulation.objects.get().job_id)
            assert Simulation.objects.get().result is None
        assert "It was stopped. Nothing was kept." in client.get(page).content.decode()
        assert client.get(f"{page}pdf/").status_code == 404

    def test_one_that_runs_stops_at_its_next_report(self, bench):
        with bench.room.world.entered(), clock.fixed(TOMORROW):
            asked = services.request_simulation(code="DOUBLE", days=30, user=None)
            Job.objects.filter(pk=asked.job_id).update(is_stop_wanted=True)
            jobs.run(asked.job_id)
            assert Job.objects.get(pk=asked.job_id).state == "canceled"
            assert Simulation.objects.get().result is None

    def test_is_for_those_who_design_in_this_program(self, bench):
        found = simulated(bench)
        assert signed_in(bench.user("analyst")).get(LIST).status_code == 403
        other = in_other_program()
        with bench.room.world.entered():
            assert Simulation.objects.count() == 1
        with scope.enter([other.program_id], scope.SYSTEM):
            assert not Simulation.objects.filter(pk=found.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_helper_process_comes_to_the_same_as_the_definition():
    bench = open_bench()
    with bench.room.world.entered(), clock.fixed(TOMORROW):
        program = Program.objects.get()
        task = parallel.Task(program.pk, program.snapshot_number, "DOUBLE", {"en": "Double"}, DOUBLE, clock.now(), 30)
        accounts = queries.accounts_since(task.setting().since)
        told = []
        found = parallel.replay_all(task, accounts, lambda done, of: told.append((done, of)), helpers=1)
        setting = task.setting()
        definition = replay_in_sequence(queries.pasts_of([one for row in accounts for one in row], setting), setting)
        assert (found.live, found.drafted) == (definition.live, definition.drafted)
        assert found.purchases == 1
        assert told[-1] == (1, 1)
