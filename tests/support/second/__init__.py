"""Second, plain implementations of what the portal works out, to compare it with."""
