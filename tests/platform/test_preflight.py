"""What is told before anything starts."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.platform import preflight
from loyalty.platform.address import Address
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem
from loyalty.platform.runlock import only_run, running

pytestmark = pytest.mark.pure


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


class TestPort:
    def test_says_which_port_to_take_instead_of_a_taken_one(self, taken_port: int) -> None:
        with pytest.raises(Problem) as refusal:
            Address("127.0.0.1", taken_port).refuse_taken()

        words = str(refusal.value)
        assert words.startswith(f"Port {taken_port} is taken by another program.")
        advised = int(words.rpartition("make run PORT=")[2])
        assert advised != taken_port
        Address("127.0.0.1", advised).refuse_taken()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may listen anywhere")
    def test_says_that_small_ports_are_reserved(self) -> None:
        with pytest.raises(Problem, match="reserved for root"):
            Address("127.0.0.1", 80).refuse_taken()

    def test_says_that_a_host_is_not_of_this_machine(self) -> None:
        with pytest.raises(Problem, match=r"HOST=192\.0\.2\.1 is not an address of this machine"):
            Address("192.0.2.1", 8000).refuse_taken()

    @pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.5"])
    def test_refuses_what_is_not_a_port(self, text: str) -> None:
        with pytest.raises(Problem, match=f"PORT={text} is not a port"):
            Address.wanted({"PORT": text})

    def test_reads_the_environment(self) -> None:
        assert Address.wanted({}) == Address("127.0.0.1", 8000)
        assert Address.wanted({"HOST": "0.0.0.0", "PORT": "8001"}).url == "http://localhost:8001/"
        assert Address.wanted({"HOST": "::1", "PORT": ""}).url == "http://[::1]:8000/"

    def test_a_silent_port_is_no_answer(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            assert not Address("127.0.0.1", int(unused.getsockname()[1])).answers()


class TestMachine:
    def test_makes_its_folders(self, places: Places) -> None:
        preflight.check_machine(places)

        assert places.var.stat().st_mode & 0o777 == 0o755
        assert places.log.stat().st_mode & 0o007 == 0

    def test_leaves_the_permissions_of_a_folder_that_exists(self, places: Places) -> None:
        places.var.mkdir(mode=0o700)

        preflight.check_machine(places)

        assert places.var.stat().st_mode & 0o777 == 0o700

    def test_refuses_a_full_disk(self, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preflight, "LEAST_DISK", 10**18)

        with pytest.raises(Problem, match="MB are free where"):
            preflight.check_machine(places)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_refuses_files_of_another_user(self, places: Places) -> None:
        places.prepare()
        (places.var / "secrets.json").write_text("{}")
        (places.var / "secrets.json").chmod(0o400)

        with pytest.raises(Problem, match="chown"):
            preflight.check_machine(places)

    def test_tells_the_one_line_that_installs_pango(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preflight, "PANGO", ("libno-such-library.so.0",))

        (note,) = preflight.notes()

        assert note.endswith("apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")


class TestOneRun:
    def test_a_second_run_is_told_where_the_first_answers(self, places: Places) -> None:
        places.prepare()
        with only_run(places, "http://127.0.0.1:8000/"):
            before = {path: path.read_bytes() for path in places.var.iterdir() if path.is_file()}
            with (
                pytest.raises(Problem, match=rf"at http://127.0.0.1:8000/ \(process {os.getpid()}\)"),
                only_run(places, "http://127.0.0.1:9000/"),
            ):
                pytest.fail("a second run was let in")
            assert {path: path.read_bytes() for path in places.var.iterdir() if path.is_file()} == before
            current = running(places)
            assert current is not None
            assert current.address == "http://127.0.0.1:8000/"

        assert running(places) is None
        with only_run(places, "http://127.0.0.1:9000/"):
            pass

    def test_what_a_killed_run_left_behind_is_no_run(self, places: Places) -> None:
        places.prepare()
        Path(places.var / "run.lock").touch()
        Path(places.var / "run.json").write_text('{"pid": 1, "address": "http://127.0.0.1:8000/"}')

        assert running(places) is None
