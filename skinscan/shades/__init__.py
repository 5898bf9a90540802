"""Shades: which one fits, and was the customer sent the colour that was shown?

from skinscan import load_catalog, match_shades, scan
found = match_shades(scan("face.jpg"), load_catalog("catalog.csv"))
"""

from skinscan.shades.catalog import Catalog, make_catalog
from skinscan.shades.catalog_reader import load_catalog
from skinscan.shades.match import match_shades
from skinscan.shades.shade import Shade
from skinscan.shades.types import Candidate, Difference, Known, ShadeAnswer, ShadeMatch
from skinscan.shades.worn_color import WornColor, worn_color

__all__ = [
    "Candidate",
    "Catalog",
    "Difference",
    "Known",
    "Shade",
    "ShadeAnswer",
    "ShadeMatch",
    "WornColor",
    "load_catalog",
    "make_catalog",
    "match_shades",
    "worn_color",
]  # fmt: skip
