"""What opens, reads and judges pages: a client, a real browser, forms, and what a page must never do."""
