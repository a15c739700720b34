"""Filling a generation beside the one that readers use: slices, pages, replay."""
