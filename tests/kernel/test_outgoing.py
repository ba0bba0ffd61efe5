"""The one way out: to public machines over https, to the machine that was judged, no further, not for long."""

import datetime
import ipaddress
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings

from loyalty.kernel import outgoing
from loyalty.kernel.outgoing.addresses import is_public

pytestmark = pytest.mark.pure
CASES = json.loads((Path(__file__).parent / "outgoing_addresses.json").read_text())
NAME = "hooks.partner.example"
PROJECT = Path(__file__).parents[2]


def standing_for(*machines: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(machines)


class TestAddresses:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["url"])
    def test_are_judged_like_the_reference(self, case):
        resolver = standing_for(*case["resolved"])

        if case["allow"]:
            assert outgoing.resolved(case["url"], resolver).machine == case["resolved"][0]
        else:
            with pytest.raises(outgoing.AddressRefused):
                outgoing.resolved(case["url"], resolver)

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("ftp://hooks.partner.example/", "not_https"),
            ("file:///etc/passwd", "not_https"),
            ("gopher://hooks.partner.example/", "not_https"),
            ("//hooks.partner.example/", "not_https"),
            ("https://", "host"),
            ("https://0/", "host"),
            ("https://127.1/", "host"),
            ("https://0x7f.0.0.1/", "host"),
            ("https://0177.0.0.1/", "host"),
            ("https://[::]/", "host"),
            ("https://service/", "host"),
            ("https://db.internal/", "host"),
            ("https://printer.local/", "host"),
            ("https://hooks.partner.example:80/", "port"),
            ("https://hooks.partner.example:99999/", "malformed"),
            ("https://hooks.partner.example\\@inside/", "malformed"),
            ("https://hooks.partner.example/\r\nHost: inside", "malformed"),
            ("https://hooks.pаrtner.example/", "malformed"),
            (" https://hooks.partner.example/", "malformed"),
            ("https://[::1", "malformed"),
            ("https://@hooks.partner.example/", "credentials"),
        ],
    )
    def test_odd_ones_are_refused_as_text(self, address, reason):
        with pytest.raises(outgoing.AddressRefused) as refusal:
            outgoing.check_address(address)

        assert refusal.value.facts == {"reason": reason}

    @pytest.mark.parametrize(
        "machine",
        ["10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "224.0.0.1",
         "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1%eth0", "fd00::1", "ff02::1",
         "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:0a00:0001::", "2001:0:1::", "::10.0.0.1", "2001:db8::1", "nonsense"],
    )  # fmt: skip
    def test_machines_that_are_not_public(self, machine):
        assert not is_public(machine)

    @pytest.mark.parametrize("machine", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
    def test_machines_that_are(self, machine):
        assert is_public(machine)

    def test_a_name_nobody_knows_is_refused(self):
        def unknown(_host: str, _port: int) -> list[str]:
            raise socket.gaierror("no such name")

        for resolver in (unknown, standing_for()):
            with pytest.raises(outgoing.AddressRefused) as refusal:
                outgoing.resolved(f"https://{NAME}/", resolver)
            assert refusal.value.facts == {"reason": "unknown_name"}

    def test_only_names_that_the_operator_lists_may_stand_for_the_inside(self):
        with override_settings(OUTGOING_INSIDE=["crm.example.org"]):
            assert outgoing.resolved("https://crm.example.org/", standing_for("10.0.0.9")).machine == "10.0.0.9"
            with pytest.raises(outgoing.AddressRefused):
                outgoing.resolved(f"https://{NAME}/", standing_for("10.0.0.9"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A key and a certificate for the partner's name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("partner") / "partner.pem"
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    return path


def _request(line: ssl.SSLSocket) -> bytes:
    """The whole request: who answers and hangs up over unread bytes resets the line, and the answer may be lost."""
    text = b""
    while b"\r\n\r\n" not in text and (more := line.recv(65536)):
        text += more
    head, _blank, body = text.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length and len(body) < int(length[1]) and (more := line.recv(65536)):
        body, text = body + more, text + more
    return text


@contextmanager
def partner(certificate: Path, *parts: bytes, pause: float = 0) -> Iterator[tuple[int, list[bytes]]]:
    """A machine that answers each request with ``parts``; gives its port and what it was asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                raw, _peer = listening.accept()
                with context.wrap_socket(raw, server_side=True) as line:
                    asked.append(_request(line))
                    for part in parts:
                        line.sendall(part)
                        ended.wait(pause)
            except OSError:
                continue

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    try:
        yield listening.getsockname()[1], asked
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        worker.join(5)


def ask(certificate: Path, port: int, **options):
    """Ask the partner under its public name, which stands for this machine."""
    trust = ssl.create_default_context(cafile=str(certificate))
    with override_settings(OUTGOING_INSIDE=[NAME], OUTGOING_PORTS=[str(port)]):
        return outgoing.send(
            "POST", f"https://{NAME}:{port}/hook?a=1", body=b"{}", headers={"Content-Type": "application/json"},
            trust=trust, **{"resolver": standing_for("127.0.0.1"), **options},
        )  # fmt: skip


class TestSending:
    def test_asks_the_judged_machine_under_its_name(self, certificate):
        with partner(certificate, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Sign: yes\r\n\r\nok") as (port, asked):
            answer = ask(certificate, port)

        assert (answer.status, answer.body, answer.headers["x-sign"]) == (200, b"ok", "yes")
        assert asked[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
        assert f"Host: {NAME}:{port}\r\n".encode() in asked[0]

    def test_the_name_is_resolved_once(self, certificate):
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        with partner(certificate, b"HTTP/1.1 204 No Content\r\n\r\n") as (port, _asked):
            answer = ask(certificate, port, resolver=lambda _host, _port: next(answers))

        assert answer.status == 204
        assert next(answers) == ["10.0.0.1"]

    def test_a_redirect_is_an_answer_and_not_followed(self, certificate):
        moved = b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        with partner(certificate, moved) as (port, asked):
            answer = ask(certificate, port)

        assert (answer.status, answer.headers["location"], len(asked)) == (302, "https://169.254.169.254/", 1)

    def test_a_certificate_of_another_name_is_not_trusted(self, certificate):
        trust = ssl.create_default_context(cafile=str(certificate))
        with (
            partner(certificate, b"HTTP/1.1 200 OK\r\n\r\n") as (port, asked),
            override_settings(OUTGOING_INSIDE=["other.example"], OUTGOING_PORTS=[str(port)]),
            pytest.raises(outgoing.NoAnswer) as refusal,
        ):
            outgoing.send("GET", f"https://other.example:{port}/", trust=trust, resolver=standing_for("127.0.0.1"))

        assert (refusal.value.facts, asked) == ({"reason": "untrusted"}, [])

    def test_an_answer_without_end_is_cut_off(self, certificate):
        with (
            partner(certificate, b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 70_000) as (port, _asked),
            pytest.raises(outgoing.NoAnswer) as refusal,
        ):
            ask(certificate, port)

        assert refusal.value.facts == {"reason": "too_large"}

    @pytest.mark.parametrize("parts", [[b"", b""], [b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n", *[b"x"] * 60]])
    def test_one_that_trickles_is_left_in_time(self, certificate, parts):
        began = time.monotonic()
        with (
            partner(certificate, *parts, pause=0.1) as (port, _asked),
            pytest.raises(outgoing.NoAnswer) as refusal,
        ):
            ask(certificate, port, seconds=0.6)

        assert refusal.value.facts["reason"] in {"too_late", "unreachable"}
        assert time.monotonic() - began < 3

    def test_nobody_there(self, certificate):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(outgoing.NoAnswer) as refusal:
            ask(certificate, port)

        assert refusal.value.facts == {"reason": "unreachable"}

    def test_the_resolver_s_machine_is_judged_at_the_very_call(self, certificate):
        with partner(certificate, b"HTTP/1.1 200 OK\r\n\r\n") as (port, asked):
            with override_settings(OUTGOING_PORTS=[str(port)]), pytest.raises(outgoing.AddressRefused):
                outgoing.send("GET", f"https://{NAME}:{port}/", resolver=standing_for("127.0.0.1"))
            assert asked == []


class TestOnlyWay:
    @pytest.mark.parametrize(
        "line",
        [
            "import requests",
            "from urllib.request import urlopen",
            "import http.client",
            "import httpx",
            "import socket",
        ],
    )
    def test_the_linter_refuses_another(self, line):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--quiet", "--select", "TID251", "--stdin-filename", "members/x.py", "-"],
            input=f"{line}\n", text=True, capture_output=True, cwd=PROJECT, check=False,
        )  # fmt: skip

        assert found.returncode == 1
        assert "TID251" in found.stdout


def test_the_cases_cover_each_kind_of_machine():
    literal = [one for case in CASES for one in case["resolved"]]
    assert {ipaddress.ip_address(one).version for one in literal} == {4, 6}
