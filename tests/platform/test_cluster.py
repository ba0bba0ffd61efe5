"""The embedded server: made, joined, recovered, refused, stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from loyalty.platform import processes
from loyalty.platform.home import ELSEWHERE, Home, choose_home
from loyalty.platform.places import Places
from loyalty.platform.postgres import Cluster
from loyalty.platform.problem import Problem
from tests.platform.conftest import PROJECT, Start, kill, server_pid, server_processes

pytestmark = pytest.mark.pure


class TestStart:
    def test_makes_a_server_that_only_the_socket_reaches(self, start: Start) -> None:
        cluster = start()

        with cluster.superuser() as superuser:
            found = dict(superuser.execute("SELECT name, setting FROM pg_settings").fetchall())
            locale = superuser.execute("SELECT datlocprovider, datlocale FROM pg_database LIMIT 1").fetchone()

        assert found["listen_addresses"] == ""
        assert found["data_checksums"] == "on"
        assert found["unix_socket_permissions"] == "0700"
        assert int(found["server_version_num"]) >= 180000
        assert locale == ("b", "C.UTF-8")
        assert (cluster.home.data.stat().st_uid, cluster.home.data.stat().st_mode & 0o777) == (
            cluster.home.account.uid,
            0o700,
        )
        assert cluster.home.account.uid != 0

    def test_needs_the_password(self, start: Start) -> None:
        cluster = start()

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.conninfo(user="postgres", password="wrong", database="postgres"))

    def test_joins_a_server_that_runs_already(self, start: Start) -> None:
        first, second = start(), start()

        assert (first.is_attached, second.is_attached) == (False, True)
        second.stop()
        assert first.is_alive()

    def test_refuses_a_password_of_another_installation(self, start: Start, places: Places) -> None:
        cluster = start()
        stranger = Cluster(cluster.home, password="second", log=places.log)

        with pytest.raises(Problem, match=r"secrets\.json"):
            stranger.start()

    def test_refuses_data_of_another_major_version(self, start: Start, places: Places) -> None:
        start().stop()
        marker = places.postgres / "data" / "PG_VERSION"
        marker.write_text("17\n")

        with pytest.raises(Problem) as refusal:
            start()

        assert "PostgreSQL 17" in str(refusal.value)
        assert "pg_dump" in str(refusal.value)
        assert "pg_restore" in str(refusal.value)
        assert not (places.postgres / "data" / "postmaster.pid").exists()

    def test_makes_the_data_anew_after_a_start_that_was_killed_halfway(self, start: Start, places: Places) -> None:
        home = choose_home(places)
        home.prepare()
        half = home.folder / "data.unfinished"
        home.account.make_folder(half)
        (half / "PG_VERSION").write_text("18\n")

        assert start().is_alive()
        assert not half.exists()

    def test_uses_a_short_socket_folder_when_the_path_is_long(self, places: Places) -> None:
        long = Places(project=places.project, var=places.var / ("deep" * 30) / "var")
        cluster = Cluster(choose_home(long), password="first", log=long.log, throw_away=True)
        try:
            cluster.start()
            assert len(str(cluster.home.socket_folder)) < 60
            cluster.superuser().close()
        finally:
            cluster.stop()
            cluster.home.account.remove(cluster.home.socket_folder)

    def test_refuses_a_socket_folder_that_somebody_else_made(self, places: Places, tmp_path: Path) -> None:
        home = Home(places.var / ("deep" * 30), choose_home(places).account)
        home.socket_folder.symlink_to(tmp_path)
        try:
            with pytest.raises(Problem, match="does not belong to"):
                home.prepare()
        finally:
            home.socket_folder.unlink()


class TestCrash:
    def test_keeps_what_was_committed_when_the_server_is_killed(self, start: Start) -> None:
        cluster = start(throw_away=False)
        with cluster.superuser() as superuser:
            superuser.execute("CREATE TABLE kept (n int)")
            superuser.execute("INSERT INTO kept SELECT generate_series(1, 5000)")
            kill(server_pid(cluster))

        assert not cluster.is_alive()
        again = start(throw_away=False)

        assert not again.is_attached
        with again.superuser() as superuser:
            assert superuser.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (5000, 12502500)

    def test_ends_a_busy_orphan_that_would_block_the_next_start(self, start: Start) -> None:
        cluster = start()
        with cluster.superuser() as busy:
            orphan = busy.info.backend_pid
            # Stopped, it notices nothing of its parent's end and keeps the shared memory.
            os.kill(orphan, signal.SIGSTOP)
            kill(server_pid(cluster))
            assert processes.is_running(orphan)

            again = start()

        assert again.is_alive()
        assert not processes.is_running(orphan)

    def test_is_not_misled_by_a_lock_file_with_the_number_of_another_process(self, start: Start) -> None:
        cluster = start()
        lock = cluster.home.data / "postmaster.pid"
        text = lock.read_text()
        kill(server_pid(cluster))
        lock.write_text(text.replace(text.split("\n")[0], str(os.getpid()), 1))
        socket_lock = cluster.home.socket_folder / ".s.PGSQL.5432.lock"
        socket_lock.write_text(f"{os.getpid()}\n")

        assert not start().is_attached

    def test_stops_when_its_starter_is_killed(self, places: Places) -> None:
        program = (
            "from pathlib import Path; import sys, time\n"
            "from loyalty.platform.home import choose_home\n"
            "from loyalty.platform.places import Places\n"
            "from loyalty.platform.postgres import Cluster\n"
            "places = Places(project=Path(sys.argv[1]), var=Path(sys.argv[2]))\n"
            "Cluster(choose_home(places), password='first', log=places.log, throw_away=True).start()\n"
            "print('ready', flush=True); time.sleep(60)"
        )
        command = [sys.executable, "-c", program, str(PROJECT), str(places.var)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as starter:
            assert starter.stdout is not None
            assert starter.stdout.readline() == "ready\n"
            cluster = Cluster(choose_home(places), password="first", log=places.log)
            assert cluster.is_alive()
            starter.kill()

        assert processes.wait_until(lambda: not server_processes(cluster), seconds=10)


class TestStop:
    def test_leaves_no_process_although_a_client_is_connected(self, start: Start) -> None:
        cluster = start()
        client = cluster.superuser()
        assert len(server_processes(cluster)) > 2

        cluster.stop()

        assert server_processes(cluster) == []
        assert not (cluster.home.data / "postmaster.pid").exists()
        client.close()


class TestHome:
    @pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
    def test_lies_elsewhere_when_the_account_cannot_reach_the_project(self, places: Places) -> None:
        places.prepare()
        places.var.parent.chmod(0o700)
        unreachable = Places(project=places.var.parent / "project", var=places.var)

        home = choose_home(unreachable)
        try:
            assert home.folder.parent == ELSEWHERE
            assert places.postgres.readlink() == home.folder
            assert choose_home(unreachable) == home
            assert places.var.parent.stat().st_mode & 0o777 == 0o700
        finally:
            home.account.remove(home.folder)

    def test_refuses_a_link_to_a_folder_that_is_gone(self, places: Places) -> None:
        places.prepare()
        places.postgres.symlink_to(places.var / "gone")

        with pytest.raises(Problem, match="which is missing"):
            choose_home(places)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
    def test_runs_as_the_owner_of_the_data(self, places: Places) -> None:
        places.prepare()
        data = places.postgres / "data"
        data.mkdir(parents=True)
        os.chown(data, 1, 1)

        assert choose_home(places).account.uid == 1
