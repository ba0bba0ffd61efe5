"""The pages between a search and a member, and between a wish and a deed for a caller."""
