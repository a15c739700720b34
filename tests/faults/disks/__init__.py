"""Faults of disks and sizes."""
