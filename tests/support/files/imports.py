"""Files of staff imports."""

MANY = 2_500


def big_import() -> bytes:
    """A file of organisations that is too big to be checked while somebody waits."""
    rows = [f"A-{number},Home {number},Nursing,House {number},Street {number}" for number in range(MANY)]
    return "\n".join(("Organisation ref,Organisation,Sector,Service,Service address", *rows)).encode()
