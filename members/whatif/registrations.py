"""What simulation offers: its words and panels, and the job that runs one."""

from loyalty.kernel import jobs
from members.whatif import panels, services, wording  # noqa: F401

jobs.handle(services.JOB_KIND, services.run_simulation)
