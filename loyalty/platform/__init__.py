"""What runs the product on one machine: embedded PostgreSQL, its roles, the broker's tables and the process supervisor.

Nothing here imports Django or the product: the platform starts before them and outlives each of them.
"""
