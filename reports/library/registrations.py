"""What the library of reports offers: its words, and the job that makes one."""

from loyalty.kernel import jobs
from reports.library import services, wording  # noqa: F401

jobs.handle(services.JOB_KIND, services.run_report)
