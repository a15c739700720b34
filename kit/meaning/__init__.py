"""What code and values mean, as one short name: the same on every Python, and wherever the code stands.

`definitions` reads the syntax of functions, classes and constants and finds what they refer to. `values` does
the same for objects of a running program, and joins both into one name. A name changes with what is done, and
with nothing else: comments, docstrings and layout say nothing, nor does the module where a definition stands.
`kept` spares the next process of the same build all of that reading.
"""
