"""Open databases, write to them and read from them; imports no package but the foundation.

`write.py` is the only way to change a database and `rows.py` changes one row of any table within
it; `read.py` finds rows that are shown. The ORM is for the graphs of `include`.
"""
