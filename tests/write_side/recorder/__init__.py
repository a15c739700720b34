"""Tests of the recorder: what the library asks of one, and what the log asks beyond it."""
