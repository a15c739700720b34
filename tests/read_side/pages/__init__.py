"""Tests of pages: what each shows, to whom, and when it becomes another."""
