"""What a query adds to the entries that it shows.

`cards` reads the entries that they name, one statement for each step from one to the next; `added` puts them,
and quantities in other units, beside what a list or a document says.
"""
