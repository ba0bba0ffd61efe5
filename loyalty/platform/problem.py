"""The one way in which the platform says that it cannot go on."""


class Problem(Exception):
    """What is wrong and what to do about it, in whole sentences for the person at the terminal."""
