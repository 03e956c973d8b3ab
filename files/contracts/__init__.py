"""Files about what is commissioned."""
