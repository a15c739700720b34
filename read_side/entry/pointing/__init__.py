"""Who points to an entry, and what points to nothing: asked before something is put away, and after.

`used_by` and `broken` read the rows, each with one statement; `described` is what they tell; `api` has the
routes.
"""
