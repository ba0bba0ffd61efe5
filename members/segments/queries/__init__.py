"""Reads of segments: the list, what one says, who is in it, how many a condition would choose."""
