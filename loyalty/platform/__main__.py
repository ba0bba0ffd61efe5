"""`python -m loyalty.platform COMMAND`: what the Makefile calls, and a few commands for developers and operators."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from psycopg.conninfo import conninfo_to_dict

from loyalty.platform import binaries, checks, keys, processes, product, roles, runlock
from loyalty.platform.installation import database_for_command
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem
from loyalty.platform.progress import say
from loyalty.platform.run import run
from loyalty.platform.supervisor import StopRequested, stop_signals

_Command = Callable[[Places, Sequence[str]], int]


def _run(places: Places, arguments: Sequence[str]) -> int:
    """start everything and stay in the foreground"""
    return run(places)


def _stop(places: Places, arguments: Sequence[str]) -> int:
    """stop a run that another terminal started"""
    current = runlock.running(places)
    if current is None:
        say("Nothing is running.")
        return 0
    runlock.stop(current)
    say("Stopped.")
    return 0


def _start_database(places: Places, arguments: Sequence[str]) -> int:
    """only PostgreSQL, in the foreground, for development"""
    try:
        with stop_signals(), database_for_command(places) as installation:
            if installation is None:
                raise Problem("DATABASE_URL names a server of your own; there is none to start.")
            if installation.cluster.is_attached:
                raise Problem("PostgreSQL is running already.")
            say(
                f"PostgreSQL is ready; manage.py finds it by var/environment.json. Log: {installation.cluster.log_file}"
            )
            while installation.cluster.is_alive():
                time.sleep(0.5)
            raise Problem(f"PostgreSQL stopped, see {installation.cluster.log_file}")
    except StopRequested:
        return 0


def _start_replica(places: Places, arguments: Sequence[str]) -> int:
    """a replica of the embedded PostgreSQL, in the foreground; reports and exports read from it"""
    try:
        with stop_signals(), database_for_command(places) as installation:
            if installation is None:
                raise Problem(
                    "DATABASE_URL names a server of your own; docs/operations.md tells how to make its replica."
                )
            replica = installation.replica()
            replica.start()
            try:
                keys.publish(places, installation.environment())
                say(f"The replica follows. The product reads from it after its next start. Log: {replica.log_file}")
                while replica.is_alive():
                    time.sleep(0.5)
            finally:
                replica.stop()
            raise Problem(f"The replica stopped, see {replica.log_file}")
    except StopRequested:
        return 0


def _migrate(places: Places, arguments: Sequence[str]) -> int:
    """bring the tables up to date, as the role that owns them"""
    return _manage(places, ["migrate", "--database", "owner", *arguments])


def _manage(places: Places, arguments: Sequence[str]) -> int:
    """one command of manage.py, with the database running"""
    with database_for_command(places), processes.interrupts_left_to_child():
        return product.manage(places, *arguments)


def _psql(places: Places, arguments: Sequence[str]) -> int:
    """PostgreSQL's own prompt as a role: psql [app|owner|auditor|broker|postgres] [options]"""
    role, options = (
        (arguments[0], arguments[1:]) if arguments and not arguments[0].startswith("-") else ("app", arguments)
    )
    with database_for_command(places) as installation:
        if installation is None:
            raise Problem("DATABASE_URL names a server of your own: connect to it with psql directly.")
        target = conninfo_to_dict(installation.conninfo(role))
        # By the environment: a command line, with the password in it, is readable for every user of the machine.
        variables = {f"PG{'DATABASE' if key == 'dbname' else key.upper()}": str(value) for key, value in target.items()}
        with processes.interrupts_left_to_child():
            command = [binaries.bundled().program("psql"), *options]
            return subprocess.run(command, env={**os.environ, **variables}).returncode


def _roles_sql(places: Places, arguments: Sequence[str]) -> int:
    """the statements that prepare a PostgreSQL server of one's own"""
    say("\n".join(roles.script()))
    return 0


def _check(places: Places, arguments: Sequence[str]) -> int:
    """everything about the source that a machine can check; names of checks to run only these"""
    return checks.check(places, only=arguments)


_COMMANDS: dict[str, _Command] = {
    "run": _run,
    "stop": _stop,
    "start-database": _start_database,
    "start-replica": _start_replica,
    "migrate": _migrate,
    "manage": _manage,
    "psql": _psql,
    "roles-sql": _roles_sql,
    "check": _check,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; a :class:`Problem` becomes a message and exit code 1."""
    listed = "\n".join(f"  {name:<16}{command.__doc__}" for name, command in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m loyalty.platform",
        epilog=f"commands:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    chosen = parser.parse_args(arguments)
    try:
        return _COMMANDS[chosen.command](Places.here(), chosen.arguments)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
