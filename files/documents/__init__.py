"""Papers that people keep: PDF."""
