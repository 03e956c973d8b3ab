"""The portal at the size of a county, beside Django’s admin and bare pages on the same rows."""
