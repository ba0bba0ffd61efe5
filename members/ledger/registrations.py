"""What the ledger offers: its words and jobs, and who is told of as the cause of an entry."""

from loyalty.kernel import jobs, registries
from members.ledger import proofs, sold, statements, wording  # noqa: F401

jobs.handle(proofs.JOB_KIND, proofs.prove)
jobs.handle(statements.JOB_KIND, statements.run_statement)
registries.register_cause("sale", sold.describe_entries)
# The ledger itself carries out earnings.
registries.register_effect("earn", None)
