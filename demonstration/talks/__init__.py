"""What is said in the demonstration: conversations, what officers do with them, notices and e-mails."""
