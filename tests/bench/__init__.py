"""Measurements: `make bench` (PART=rules for one of them). Nothing here is collected as a test."""
