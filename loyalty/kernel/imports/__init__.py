"""Rows of a program from a file: read, shown before anything is done, taken in all or none."""
