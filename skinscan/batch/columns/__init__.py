"""The columns of a table of rows: a fixed list for each kind of batch, whatever the rows hold.

`columns` gives them; `skinscan batch --describe` prints them, docs/columns.md lists them.
"""

from skinscan.batch.columns.column import Choice, Column, Value
from skinscan.batch.columns.schema import columns

__all__ = ["Choice", "Column", "Value", "columns"]
