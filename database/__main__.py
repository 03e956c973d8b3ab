"""`python -m database`: the addresses of the portal's database and how to look inside."""

import os
import shlex
import sys

from sqlalchemy.engine import make_url

from database import NAME, own_server, server_of_the_portal, start


def main() -> None:
    """Print the addresses, and keep a server of the portal's own running until Enter is pressed."""
    for role, url in start()._asdict().items():
        print(f"{role:<6} {make_url(url).render_as_string()}")
    if "DATABASE_URL" in os.environ:
        return
    server = server_of_the_portal(durable=True)
    psql = [str(server.programs / "psql"), "-h", str(server.sockets), "-U", own_server.OWNER, NAME]
    print(f"psql   {shlex.join(psql)}")
    if sys.stdin.isatty():
        input("The server runs until you press Enter here, longer while the portal uses it. ")


main()
