"""One machine, `make run`: everything real, only the secrets are made by the platform."""

from loyalty.settings.base import *
from loyalty.settings.base import SECRET_KEY

# manage.py commands that touch no session (makemigrations, compilemessages) work before the platform has run once.
SECRET_KEY = SECRET_KEY or "only-for-commands-before-the-first-run"
