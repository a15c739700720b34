"""Filling a generation beside the one that readers use.

`replay` starts worker processes, each of which takes one of the `slices` and fills it by `fill`, which reads
`pages` of the log and gives them to `projections.applying`.
"""
