"""Invoices and remittances to take away."""
