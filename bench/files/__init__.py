"""Work on files: workbooks given out, uploads read, each beside the least it could take."""
