"""Other products that the same work is measured beside, each in a process of its own."""
