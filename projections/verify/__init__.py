"""What `frankenjet verify` recomputes, one file for each thing that could be wrong."""
