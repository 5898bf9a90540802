"""A shade on the face in the photo: what it would look like, as far as the photo and the catalogue know.

from skinscan import load_catalog, scan, try_on
catalog = load_catalog("catalog.csv")
worn = try_on(scan("face.jpg"), catalog.shades[catalog.find("LIN-20N")])
"""

from skinscan.tryon.bare_site import measure_worn
from skinscan.tryon.paint import TryOn, try_on

__all__ = ["TryOn", "measure_worn", "try_on"]
