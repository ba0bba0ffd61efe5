"""What the desk shows: who was found, what a member has, what happened to them."""
