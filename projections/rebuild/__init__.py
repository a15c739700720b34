"""Filling a generation beside the one that readers use.

`replay` starts processes, each a `worker` that takes one of the `slices` after the other and fills it by
`fill`, which reads `pages` of the log and gives them to `projections.applying`.
"""
