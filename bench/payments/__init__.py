"""Work with money: runs, scheduled payments, uplifts and remittances, each beside bare SQL."""
