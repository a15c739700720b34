"""Pages of a front end, each one answer that is kept whole.

`home`, `entry_page`, `timeline` and `family` read what a page shows, with a number of statements that does
not depend on how much that is. `settings` is what a process is set to. `described` tells all of it in
OpenAPI. `page` is what their routes have in common, `about` has those about one entry, and `api` all.
"""
