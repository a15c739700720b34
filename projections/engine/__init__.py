"""The engine: followers of the log, what they park, which generations are wanted, and the swap of one."""
