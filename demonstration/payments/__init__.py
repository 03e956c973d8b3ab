"""What is invoiced, scheduled, claimed and paid in the demonstration, in each state somebody acts on."""
