"""What a process says of itself: what its tasks note, the routes, and a port with a thread of its own."""
