"""Accounts that are erased: what is left of one is its id, and a hash by which nobody gets its name.

`inventory` declares of every column whether it is personal, and how each table forgets; `erasing` does it in
one transaction; `reserved` keeps the names; `listed` writes down who was erased outside the database, so that
a copy of it that is restored forgets them again.
"""
