"""The raw store: bytes as received, the log of editions, and the disposable cache of decoded tables."""
