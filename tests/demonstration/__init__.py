"""The demonstration tables: their carrying-over, their schema, and each of their figures."""
