"""What somebody with bad intentions tries; docs/security.md says which case of abuse is tested where."""
