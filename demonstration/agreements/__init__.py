"""What the demonstration’s council agrees with providers: care, its documents, changes and papers."""
