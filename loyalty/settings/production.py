"""Behind a TLS proxy, with servers and secrets of one's own."""

from loyalty.settings.base import *
from loyalty.settings.base import FIELD_KEYS, SECRET_KEY

assert SECRET_KEY, "Set SECRET_KEY: a long random text, the same on every machine."
assert FIELD_KEYS, "Set FIELD_KEYS: comma-separated keys for personal data, the newest first."

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
