"""The log: appends in groups, streams read back, snapshots."""
