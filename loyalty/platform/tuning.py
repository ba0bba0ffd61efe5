"""The server's settings, given at each start so that a new release brings its own."""

import os
from contextlib import suppress
from pathlib import Path

from loyalty.platform.home import Home

_MEGABYTE = 1024 * 1024
_SMALL_SHARED_MEMORY = 512 * _MEGABYTE
_FEWEST_BUFFERS = 256 * _MEGABYTE
_MOST_BUFFERS = 4096 * _MEGABYTE
_LEAST_LOG, _MOST_LOG = 2048 * _MEGABYTE, 8192 * _MEGABYTE
# What a container may use, in both generations of control groups; "max" is no number.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

# For two cores; memory and the log are sized by the machine. A full page is logged once after each checkpoint, so few checkpoints
# and room between them are worth more to the ledger than any other setting.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "checkpoint_timeout": "15min",
    "min_wal_size": "256MB",
    "wal_compression": "on",
    # What a replica needs of its primary, so that it can be made at any time.
    "wal_level": "replica",
    "max_wal_senders": "4",
    "random_page_cost": "1.1",
    "jit": "off",
    # A first import fills empty tables within seconds: the planner must not believe them empty for a minute. Counting them every
    # ten seconds took three of a hundred seconds from the import.
    "autovacuum_naptime": "30s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_duration_statement": "5s",
    "log_checkpoints": "off",
}

_THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_size": "2GB",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    # New statistics in the middle of a test would change plans, and with them the order of rows nobody sorted.
    "autovacuum": "off",
    "log_min_duration_statement": "-1",
    # A refused statement is what many tests are about.
    "log_min_messages": "fatal",
    "log_min_error_statement": "fatal",
}


def settings_for(home: Home, *, throw_away: bool) -> dict[str, str]:
    """Everything that is told to the server on its command line."""
    settings = _SETTINGS | memory_settings(memory()) | log_settings(disk(home.folder))
    settings["unix_socket_directories"] = str(home.socket_folder)
    settings["cluster_name"] = f"loyalty-{home.token}"
    if _shared_memory() < _SMALL_SHARED_MEMORY:
        # Containers often give 64 MB, which a parallel report outgrows.
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings | _THROW_AWAY if throw_away else settings


def memory_settings(available: int) -> dict[str, str]:
    """How much of so many bytes the server keeps pages in, and how much it may count on the system to keep.

    An eighth, half of what PostgreSQL's manual advises for a machine of its own: web, workers and reports live here too.
    """
    buffers = min(max(available // 8, _FEWEST_BUFFERS), _MOST_BUFFERS)
    return {
        "shared_buffers": f"{buffers // _MEGABYTE}MB",
        "effective_cache_size": f"{max(available // 2, 4 * _FEWEST_BUFFERS) // _MEGABYTE}MB",
    }


def log_settings(size: int) -> dict[str, str]:
    """How much may be logged between two checkpoints, on a disk of so many bytes.

    A thirty-second of it. Every page is logged whole at its first change after a checkpoint: where a large file of purchases
    brings several, each of them makes the log larger. What lies between two is replayed when the server was killed.
    """
    return {"max_wal_size": f"{min(max(size // 32, _LEAST_LOG), _MOST_LOG) // _MEGABYTE}MB"}


def disk(folder: Path) -> int:
    """The size in bytes of the disk on which a folder lies, whoever uses it."""
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize


def memory() -> int:
    """The bytes of memory of this machine, or of the container if it may use less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in _LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(limit.read_text()))
    return min(found)


def _shared_memory() -> int:
    """The size of /dev/shm in bytes, nothing when there is none."""
    try:
        return disk(Path("/dev/shm"))
    except FileNotFoundError:
        return 0
