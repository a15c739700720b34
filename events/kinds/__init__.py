"""The kinds of entries, one file for each: its fields, its limits and its rules; `catalog` lists them."""
