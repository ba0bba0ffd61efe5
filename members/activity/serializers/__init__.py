"""Purchases and returns as the API takes and gives them."""
