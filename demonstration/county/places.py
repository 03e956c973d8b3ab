"""Where the organisations of the county are, and what they are called: places are real, organisations invented."""

from itertools import product
from random import Random

# name, the beginning of its postcodes
PLACES = (
    ("Acle", "NR13"), ("Attleborough", "NR17"), ("Aylsham", "NR11"), ("Blakeney", "NR25"), ("Brandon", "IP27"),
    ("Brundall", "NR13"), ("Burnham Market", "PE31"), ("Caister", "NR30"), ("Cley", "NR25"), ("Coltishall", "NR12"),
    ("Costessey", "NR8"), ("Cromer", "NR27"), ("Dereham", "NR19"), ("Dersingham", "PE31"), ("Diss", "IP22"),
    ("Docking", "PE31"), ("Downham Market", "PE38"), ("Drayton", "NR8"), ("Emneth", "PE14"), ("Fakenham", "NR21"),
    ("Feltwell", "IP26"), ("Gayton", "PE32"), ("Gorleston", "NR31"), ("Great Yarmouth", "NR30"), ("Harleston", "IP20"),
    ("Heacham", "PE31"), ("Hethersett", "NR9"), ("Hingham", "NR9"), ("Holt", "NR25"), ("Horsford", "NR10"),
    ("Hoveton", "NR12"), ("Hunstanton", "PE36"), ("Kenninghall", "NR16"), ("King’s Lynn", "PE30"), ("Loddon", "NR14"),
    ("Long Stratton", "NR15"), ("Ludham", "NR29"), ("Mundesley", "NR11"), ("Mundford", "IP26"), ("Necton", "PE37"),
    ("North Walsham", "NR28"), ("Norwich", "NR1"), ("Poringland", "NR14"), ("Reepham", "NR10"), ("Sheringham", "NR26"),
    ("Snettisham", "PE31"), ("Sprowston", "NR7"), ("Stalham", "NR12"), ("Swaffham", "PE37"), ("Terrington", "PE34"),
    ("Thetford", "IP24"), ("Thorpe", "NR7"), ("Upwell", "PE14"), ("Watton", "IP25"), ("Wells", "NR23"),
    ("Weybourne", "NR25"), ("Worstead", "NR28"), ("Wroxham", "NR12"), ("Wymondham", "NR18"), ("Yaxham", "NR19"),
)  # fmt: skip
CALLED = {
    "Home support": ("Homecare Ltd", "Care at Home Ltd", "Home Support CIC", "Carers Ltd", "Visiting Care Ltd",
                     "Domiciliary Care Ltd"),
    "Residential": ("House", "Lodge", "Grange", "Court", "Rest Home"),
    "Nursing": ("Nursing Home", "Manor", "Hall", "Care Centre"),
    "Supported living": ("Supported Living Ltd", "Living Trust", "Independent Living CIC", "Tenancies Ltd"),
    "Day opportunities": ("Day Centre", "Day Opportunities CIC", "Day Club", "Day Services Ltd"),
    "Housing with care": ("Housing with Care Ltd", "Extra Care Court", "Almshouses", "Retirement Village"),
}  # fmt: skip
# In a hundred organisations.
SECTORS = {
    "Home support": 45,
    "Residential": 14,
    "Supported living": 13,
    "Day opportunities": 10,
    "Housing with care": 10,
    "Nursing": 8,
}
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def invented(chance: Random, count: int) -> list[tuple[str, str]]:
    """Return the names of so many organisations, each once, with their sectors."""
    left = {sector: [f"{place} {kind}" for (place, _), kind in product(PLACES, CALLED[sector])] for sector in SECTORS}
    for names in left.values():
        chance.shuffle(names)
    sectors = chance.choices(list(SECTORS), list(SECTORS.values()), k=count)
    return [(left[sector].pop(), sector) for sector in sectors]


def somewhere(chance: Random) -> tuple[str, str]:
    """Return a place and a postcode in it."""
    place, begins = chance.choice(PLACES)
    return place, f"{begins} {chance.randint(1, 9)}{chance.choice(LETTERS)}{chance.choice(LETTERS)}"
