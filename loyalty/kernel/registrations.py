"""What the platform itself offers: jobs that every program has, and what is checked at each start."""

from loyalty.kernel import jobs, sealing, wall_checks  # noqa: F401
from loyalty.kernel.exports import services

jobs.handle(services.JOB_KIND, services.run_export)
jobs.handle(sealing.JOB_KIND, sealing.run_verify)
