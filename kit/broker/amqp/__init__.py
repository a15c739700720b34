"""The part of AMQP 0-9-1 that a fast, confirmed publisher needs; nothing else."""
