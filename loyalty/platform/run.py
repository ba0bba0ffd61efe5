"""`make run`: from a fresh checkout to a page in the browser."""

import os
import time

from loyalty.platform import broker, keys, preflight, product, servers, services
from loyalty.platform.address import Address
from loyalty.platform.installation import Installation, keys_alone
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem
from loyalty.platform.progress import Steps, say
from loyalty.platform.runlock import only_run
from loyalty.platform.supervisor import StopRequested, Supervisor, stop_signals

WEB_READY_WITHIN = 90.0


def run(places: Places) -> int:
    """Start everything, stay until a stop signal, stop everything; returns the exit code.

    :raises Problem: something is in the way, or a process cannot be kept running.
    """
    address = Address.wanted()
    preflight.check_machine(places)
    with only_run(places, address.url):
        installation = None if servers.is_own() else Installation.of(places)
        supervisor = Supervisor(places, installation.cluster if installation else None, say)
        supervisor.clear_leftovers()
        address.refuse_taken()
        try:
            with stop_signals():
                try:
                    _start(places, installation, supervisor, address)
                    _announce(places, address)
                    supervisor.watch()
                finally:
                    supervisor.stop()
        except StopRequested:
            say("Stopped.")
    return 0


def _start(places: Places, installation: Installation | None, supervisor: Supervisor, address: Address) -> None:
    steps = Steps(total=5 if installation else 4)
    try:
        with steps.step("PostgreSQL"):
            if installation:
                if installation.drop_half_filled():
                    say("The demo was not loaded to its end the last time; it begins anew.")
                installation.start()
            else:
                servers.check_own_server()
                keys.publish(places, keys_alone(keys.load_or_make(places, data=None)))
        with steps.step("Tables"):
            product.migrate(places)
            if installation:
                installation.install_broker()
            elif os.environ["BROKER_URL"].startswith("pgmq:"):
                broker.install_as_broker(os.environ["BROKER_CONNINFO"])
        if installation:
            with steps.step("Demo data"):
                steps.give_way()
                product.load_demo(places, installation)
        with steps.step("Web server"):
            supervisor.start(services.web(places, host=address.host, port=address.port))
            _wait_for_web(places, supervisor, address)
        with steps.step("Workers"):
            for service in services.background(places):
                supervisor.start(service)
    finally:
        steps.close()


def _wait_for_web(places: Places, supervisor: Supervisor, address: Address) -> None:
    deadline = time.monotonic() + WEB_READY_WITHIN
    while not address.answers():
        supervisor.refuse_dead("web")
        if time.monotonic() > deadline:
            raise Problem(
                f"The web server did not answer within {WEB_READY_WITHIN:.0f} seconds, see {places.log / 'web.log'}"
            )
        time.sleep(0.1)


def _announce(places: Places, address: Address) -> None:
    say(f"\nReady: {address.url}")
    for line in product.demo_logins(places, address.url):
        say(f"  {line}")
    for note in preflight.notes():
        say(f"\n{note}")
    say(f"\nLogs: {places.log}\nStop: Ctrl-C")
