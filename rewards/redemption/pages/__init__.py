"""Taking and canceling rewards at the desk, and the part of the member's page that leads there."""
