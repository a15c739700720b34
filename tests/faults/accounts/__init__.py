"""A process that changes accounts is killed: `changing` is that process, `told` compares what it left."""
