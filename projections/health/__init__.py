"""What the projector says of itself and of every reader of the log."""
