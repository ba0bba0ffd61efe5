"""The paths of points through HTTP beside R: the product's own final statements, sent by pgbench."""
