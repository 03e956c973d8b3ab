"""Names for invented people, and places in Norfolk for invented organisations."""

from random import Random

FIRST = (
    "Ada", "Albert", "Alice", "Anil", "Arthur", "Audrey", "Beryl", "Brenda", "Cecil", "Clara", "Cyril", "Daphne",
    "Dennis", "Derek", "Doreen", "Doris", "Edith", "Edna", "Elsie", "Eric", "Ernest", "Ethel", "Evelyn", "Florence",
    "Frank", "Fred", "George", "Gladys", "Grace", "Gwen", "Harold", "Harry", "Hazel", "Henry", "Hilda", "Irene", "Iris",
    "Ivy", "Jack", "Jean", "Joan", "Joyce", "June", "Kathleen", "Kenneth", "Leonard", "Lilian", "Lily", "Mabel",
    "Margaret", "Marjorie", "Maureen", "Maria", "Nora", "Norman", "Olive", "Pamela", "Patrick", "Pearl", "Percy",
    "Peter", "Phyllis", "Priya", "Queenie", "Ralph", "Raymond", "Reginald", "Rita", "Ronald", "Rose", "Roy", "Ruby",
    "Sheila", "Sidney", "Stanislaw", "Stanley", "Sylvia", "Thomas", "Vera", "Victor", "Violet", "Walter", "Wilfred",
    "Winifred", "Yvonne", "Zofia",
)  # fmt: skip
LAST = (
    "Abbs", "Allard", "Bacon", "Balls", "Barker", "Bell", "Betts", "Bishop", "Blyth", "Bowles", "Bullen", "Bunn",
    "Catchpole", "Chapman", "Coe", "Cubitt", "Daniels", "Dewing", "Dyball", "Eke", "Farrow", "Feltham", "Fiddy",
    "Gedge", "Gooch", "Goulder", "Greengrass", "Hewitt", "Howes", "Jarvis", "Jermy", "Kerrison", "Kowalska",
    "Ladbrooke", "Larter", "Leeder", "Mace", "Mallett", "Marsham", "Medler", "Moy", "Nudd", "Oakes", "Obi",
    "Palmer", "Patel", "Pegg", "Pinchen", "Pitcher", "Quantrill", "Rackham", "Ransome", "Rix", "Rolfe", "Rump",
    "Sayer", "Self", "Silva", "Spinks", "Spurgeon", "Starling", "Tann", "Thirtle", "Thurston", "Tooley", "Tuck",
    "Utting", "Vince", "Ward", "Warnes", "Watling", "Whalebelly", "Wymer", "Yaxley", "Youngs",
)  # fmt: skip
STREETS = ("Station Road", "Church Lane", "The Street", "Mill Lane", "Market Place", "Norwich Road", "Staithe Road")


def people(chance: Random, count: int) -> list[str]:
    """Return so many different names, first and last."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[f"{chance.choice(FIRST)} {chance.choice(LAST)}"] = None
    return list(names)
