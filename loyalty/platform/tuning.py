"""The server's settings, given at each start so that a new release brings its own."""

import os

from loyalty.platform.home import Home

_SMALL_SHARED_MEMORY = 512 * 1024 * 1024

# For a machine of two cores and four gigabytes. A full page is logged once after each checkpoint, so few checkpoints
# and room between them are worth more to the ledger than any other setting.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "wal_compression": "on",
    # What a replica needs of its primary, so that it can be made at any time.
    "wal_level": "replica",
    "max_wal_senders": "4",
    "random_page_cost": "1.1",
    "jit": "off",
    # A first import fills empty tables within seconds: the planner must not believe them empty for a minute.
    "autovacuum_naptime": "10s",
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
    settings = dict(_SETTINGS)
    settings["unix_socket_directories"] = str(home.socket_folder)
    settings["cluster_name"] = f"loyalty-{home.token}"
    if _shared_memory() < _SMALL_SHARED_MEMORY:
        # Containers often give 64 MB, which a parallel report outgrows.
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings | _THROW_AWAY if throw_away else settings


def _shared_memory() -> int:
    """The size of /dev/shm in bytes, nothing when there is none."""
    try:
        found = os.statvfs("/dev/shm")
    except FileNotFoundError:
        return 0
    return found.f_blocks * found.f_frsize
