"""Every page of council staff: generated records under `/admin`, workbenches under `/staff`."""

STAFF_VIEWS: tuple[type, ...] = ()
