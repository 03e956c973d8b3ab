"""Files that people send, and what reads back those that the portal gives."""
