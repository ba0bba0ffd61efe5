"""Requests that no well-made client sends: refused in words, and nothing half done."""
