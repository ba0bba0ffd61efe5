"""What the registry of partners offers: its words and pages, and who pays for which points."""

from loyalty.kernel import registries
from partners.registry import pages, wording  # noqa: F401
from partners.registry.funding import AgreementFunding

registries.register_funding(AgreementFunding())
