"""Pages about what members did."""
