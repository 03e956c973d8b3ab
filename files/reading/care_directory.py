"""The layouts in which organisations come: the council's own, and the Commission's directory of care, twice."""

from files.reading.table import Column, Layout

OWN = Layout(
    "Organisations",
    (
        Column(
            "Organisation ref", True, "The council's reference of the organisation, such as ORG-0001.", references=True
        ),
        Column("Organisation", True, "Its name. The same in every row of the organisation."),
        Column("Sector", True, "Home support, Residential, Nursing …"),
        Column("Address", note="Of the organisation. An empty cell leaves what is known."),
        Column("Postcode"),
        Column("Phone"),
        Column("E-mail"),
        Column("Service", True, "A home, branch or office. One row for each service."),
        Column("Service type", note="Several are separated by |."),
        Column("Service address"),
        Column("Service postcode"),
        Column("Service phone"),
        Column("CQC location", note="The Commission's number of the location, such as 1-466088203."),
    ),
)
REPUBLISHED = Layout(
    "Care Quality Commission directory, as republished",
    (
        Column("Organisation", True, heading="provider"),
        Column("Service", True, heading="name"),
        Column("CQC location", True, heading="cqc_id"),
        Column("Service type", heading="type"),
        Column("Service address", heading="address"),
        Column("Service postcode", heading="postcode"),
        Column("Service phone", heading="telephone"),
    ),
    ("website", "inspection_date", "cqc_webpage", "area_name", "area_code", "lon", "lat"),
)
COMMISSION = Layout(
    "Care Quality Commission directory",
    (
        Column("Organisation", True, heading="Provider name"),
        Column("Service", True, heading="Name"),
        Column("CQC location", True, heading="CQC Location (for office use only)"),
        Column("Service type", heading="Service types"),
        Column("Service address", heading="Address"),
        Column("Service postcode", heading="Postcode"),
        Column("Service phone", heading="Phone number"),
    ),
    (
        "Also known as", "Service's website (if available)", "Date of latest check", "Specialisms/services",
        "Local authority", "Region", "Location URL", "CQC Provider ID (for office use only)",
    ),
)  # fmt: skip
LAYOUTS = (OWN, REPUBLISHED, COMMISSION)

# The Commission's service types that the council buys, and the sector an organisation gets from its first one.
SECTOR_OF_TYPE = {
    "residential homes": "Residential",
    "nursing homes": "Nursing",
    "homecare agencies": "Home support",
    "domiciliary care": "Home support",
    "supported living": "Supported living",
    "shared lives": "Supported living",
    "supported housing": "Housing with care",
    "extra care housing": "Housing with care",
}
