"""Tests of the log: what it promises, and that nothing breaks the promise."""
