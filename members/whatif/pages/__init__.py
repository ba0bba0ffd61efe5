"""The pages and panels for trying promotions out."""
