"""The long-lived processes of the product."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.platform.places import Places

SETTINGS = "loyalty.settings.development"
# Carried by every child, so that a start after `kill -9` finds what the last one left behind.
MARK = "LOYALTY_INSTALLATION"


@dataclass(frozen=True)
class Service:
    """One process: its command line, and how it is asked to stop. Those of one ``stop_turn`` stop together."""

    name: str
    command: Sequence[str]
    stop_turn: int
    stopping: Sequence[tuple[signal.Signals, float]]


def web(places: Places, *, host: str, port: int) -> Service:
    """The web server. Two workers for two cores; a worker that dies is replaced by the server itself."""
    command = [places.python, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", host, "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers", "--workers-kill-timeout", "5"]
    command += ["--log-level", "warning", "--no-access-log", "loyalty.wsgi:application"]
    return Service("web", command, 1, [(signal.SIGTERM, 10.0)])


def background(places: Places) -> list[Service]:
    """The workers and the clock. Reports have a worker of their own: a long one must not hold up short tasks."""
    beat = [*_celery(places), "beat", "--pidfile=", "--loglevel", "WARNING"]
    beat += ["--scheduler", "django_celery_beat.schedulers:DatabaseScheduler"]
    return [
        _worker(places, "worker", queue="default", processes=2, prefetch=8),
        _worker(places, "reports", queue="reports", processes=1, prefetch=1),
        Service("beat", beat, 2, [(signal.SIGTERM, 5.0)]),
    ]


def _worker(places: Places, name: str, *, queue: str, processes: int, prefetch: int) -> Service:
    """On this broker a worker without prefetching runs ten tasks a second at most: short tasks come by eight."""
    command = [*_celery(places), "worker", "--hostname", f"{name}@%h", "--queues", queue, "--loglevel", "WARNING"]
    command += ["--concurrency", str(processes), "--prefetch-multiplier", str(prefetch)]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    # The first signal waits for the tasks at hand; what is cut off later is delivered again.
    return Service(name, command, 3, [(signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0)])


def _celery(places: Places) -> list[str]:
    return [places.python, "-m", "celery", "-A", "loyalty"]


def environment(places: Places) -> dict[str, str]:
    """What children see of the environment: all of it, and what marks them as ours."""
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONUNBUFFERED": "1", **os.environ, MARK: str(places.var)}
