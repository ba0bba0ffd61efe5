"""Behind a TLS proxy, with servers and secrets of one's own."""

from loyalty.settings import environment as env
from loyalty.settings.base import *
from loyalty.settings.base import ALLOWED_HOSTS, FIELD_KEYS, SECRET_KEY

assert SECRET_KEY, "Set SECRET_KEY: a long random text, the same on every machine."
assert FIELD_KEYS, "Set FIELD_KEYS: comma-separated keys for personal data, the newest first."

assert len(SECRET_KEY) >= 50, "SECRET_KEY is short: 50 characters or more."
assert "*" not in ALLOWED_HOSTS, "Set ALLOWED_HOSTS to the names of this site."

# Whoever changes or sees what is not theirs signs in with a second factor, unless SECOND_FACTOR_OF says otherwise
# (`nobody` for none).
SECOND_FACTOR_OF = env.words("SECOND_FACTOR_OF", "operator,marketer,analyst,agent,supervisor,partner")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1)

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
