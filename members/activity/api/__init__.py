"""Purchases, returns and the history of members over HTTP."""
