"""What people do about their own sign-in, the same in every realm: second factor, sessions, password."""
