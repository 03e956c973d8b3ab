"""The worker: a process beside the web workers that checks big files of actuals and puts them in."""

import logging
import signal
import threading
from types import FrameType

from flask import Flask

from models import db
from workflows.uploads.queue import work_once

# How long a file waits at most before a worker that has nothing to do looks again.
SECONDS = 0.5


def run_worker(app: Flask, asked: threading.Event | None = None) -> None:
    """Work on files until the process is asked to end (SIGTERM, Ctrl-C) or `asked` is set; one file at a time."""
    end = asked or threading.Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        end.set()

    if asked is None:
        signal.signal(signal.SIGTERM, note)
        signal.signal(signal.SIGINT, note)
    while not end.is_set():
        if not _work(app):
            end.wait(SECONDS)


def _work(app: Flask) -> bool:
    with app.app_context():
        try:
            return work_once()
        except Exception:
            # The database may be away for a moment: the next look finds the file again.
            logging.getLogger(__name__).exception("The worker could not look for files")
            return False
        finally:
            db.session.remove()
