"""What stands in the database when a test begins."""
