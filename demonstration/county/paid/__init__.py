"""What organisations of the county are paid: invoices, and what needs none."""
