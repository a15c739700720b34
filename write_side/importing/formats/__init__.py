"""Formats of sources, each read as records: parsers that are given pieces and know no database.

`catalog` lists them. `git_plumbing` asks the `git` command, `git_objects` reads what it answers, `git_paths`
follows files through renames, and `git` makes records of it all.
"""
