"""`python -m tests.bench.peers.hordak_posting ACCOUNTS`, once its tables are there: one transfer after the other.

Works for as many seconds as each line of its input says, and answers it: transfers, seconds, CPU seconds of this process.
"""

import sys
import time
from random import Random

import django
from django.db import transaction

SEED = 7


def main(accounts: int) -> None:
    """Make the accounts, say so, and work."""
    django.setup()
    from hordak.models import Account, AccountType  # noqa: PLC0415  (models need the settings)
    from moneyed import Money  # noqa: PLC0415

    source = Account.objects.create(name="Issued", type=AccountType.income, code="0", currencies=["EUR"])
    members = [
        Account.objects.create(
            name=f"Member {number}", type=AccountType.liability, code=str(number), currencies=["EUR"]
        )
        for number in range(1, accounts + 1)
    ]
    print("ready", flush=True)
    random, amount = Random(SEED), Money("5.00", "EUR")
    for line in sys.stdin:
        count, began, cpu = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - began < float(line):
            with transaction.atomic():
                source.transfer_to(random.choice(members), amount)
            count += 1
        print(count, time.perf_counter() - began, time.process_time() - cpu, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
