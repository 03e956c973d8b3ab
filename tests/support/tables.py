"""Files of rows, as staff import them."""

import csv
import io


def a_csv(*rows: dict[str, str]) -> bytes:
    """Return rows as CSV, under the headings that any of them has."""
    target = io.StringIO()
    writer = csv.DictWriter(target, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()
