"""Lines that a page names and prices nowhere: their plans and rates would be two more queries."""

from typing import Final

from sqlalchemy.orm import lazyload

from models import LineItem

UNPRICED: Final = (lazyload(LineItem.plans), lazyload(LineItem.rates))
