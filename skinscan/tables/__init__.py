"""Files that other programs wrote in, text, rows and JSON values out: the one reader of every table."""

from skinscan.tables.decode import SAY_ENCODING, Decoded, decode
from skinscan.tables.json_text import parse_json
from skinscan.tables.rows import Table, decimal, fold_head, lines_of, read_table, tidy

__all__ = [
    "SAY_ENCODING",
    "Decoded",
    "Table",
    "decimal",
    "decode",
    "fold_head",
    "lines_of",
    "parse_json",
    "read_table",
    "tidy",
]
