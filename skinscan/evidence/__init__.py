"""Sealed evidence: a judged case as one signed, encrypted file, and a log of what was sealed and erased.

`seal` writes a case, `verify` checks a folder and judges its cases again, `take_inventory` lists what is
kept, `erase` destroys keys. docs/evidence.md says against whom this helps, and against whom it does not.
"""

from skinscan.evidence.cipher import PARTS
from skinscan.evidence.dossier import Dossier
from skinscan.evidence.erase import due_images, erase
from skinscan.evidence.inventory import Holding, Inventory, extract, take_inventory
from skinscan.evidence.log import Anchor
from skinscan.evidence.operator_keys import Keys, keygen, load_keys
from skinscan.evidence.seal import Sealed, seal
from skinscan.evidence.verify import Checked, Verification, verify_evidence

__all__ = [
    "PARTS",
    "Anchor",
    "Checked",
    "Dossier",
    "Holding",
    "Inventory",
    "Keys",
    "Sealed",
    "Verification",
    "due_images",
    "erase",
    "extract",
    "keygen",
    "load_keys",
    "seal",
    "take_inventory",
    "verify_evidence",
]
