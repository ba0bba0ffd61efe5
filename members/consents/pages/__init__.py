"""Consents on the member's page, and the page where an agent records one."""
