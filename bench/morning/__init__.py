"""A go-live morning: people who sign in and work, all at once."""
