"""Files for the council's bank and for its ledger."""
