"""What files of purchases offer: their words, and the job that takes one in."""

from loyalty.kernel import jobs
from members.files import asking, services, wording  # noqa: F401

jobs.handle(services.JOB_KIND, services.run_intake)
