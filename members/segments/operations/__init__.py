"""Writing memberships, within the caller's transaction."""
