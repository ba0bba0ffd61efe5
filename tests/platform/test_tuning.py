"""How much memory and disk the embedded server takes."""

from pathlib import Path

import pytest

from loyalty.platform import tuning

pytestmark = pytest.mark.pure
GIGABYTE = 1024**3


class TestMemory:
    @pytest.mark.parametrize(
        ("available", "buffers", "cache"),
        [
            (GIGABYTE // 2, "256MB", "1024MB"),
            (2 * GIGABYTE, "256MB", "1024MB"),
            (4 * GIGABYTE, "512MB", "2048MB"),
            (24 * GIGABYTE, "3072MB", "12288MB"),
            (256 * GIGABYTE, "4096MB", "131072MB"),
        ],
    )
    def test_an_eighth_of_it_within_bounds(self, available: int, buffers: str, cache: str) -> None:
        found = tuning.memory_settings(available)

        assert found == {"shared_buffers": buffers, "effective_cache_size": cache}

    def test_a_container_has_what_it_may_use(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited, unlimited, absent = tmp_path / "limited", tmp_path / "unlimited", tmp_path / "absent"
        limited.write_text(f"{GIGABYTE // 4}\n")
        unlimited.write_text("max\n")
        monkeypatch.setattr(tuning, "_LIMITS", (unlimited, absent))
        machine = tuning.memory()
        monkeypatch.setattr(tuning, "_LIMITS", (unlimited, absent, limited))

        assert tuning.memory() == GIGABYTE // 4 < machine


class TestLog:
    @pytest.mark.parametrize(
        ("size", "log"), [(10 * GIGABYTE, "2048MB"), (128 * GIGABYTE, "4096MB"), (2000 * GIGABYTE, "8192MB")]
    )
    def test_a_part_of_the_disk_within_bounds(self, size: int, log: str) -> None:
        assert tuning.log_settings(size) == {"max_wal_size": log}

    def test_the_disk_is_the_one_that_the_folder_lies_on(self, tmp_path: Path) -> None:
        assert tuning.disk(tmp_path) > GIGABYTE
