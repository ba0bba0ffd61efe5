"""Reads for trying promotions out, within the program in scope."""
