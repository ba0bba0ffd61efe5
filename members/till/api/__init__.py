"""The till over HTTP."""
