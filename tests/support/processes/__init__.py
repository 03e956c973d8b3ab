"""Processes of their own on the database of a test."""
