"""Invoices, remittances and scheduled payments to take away."""
