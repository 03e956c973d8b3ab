"""`make bench`: how long pages take and how often they ask the database, at two sizes of an organisation."""
