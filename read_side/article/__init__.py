"""What readers can ask about articles."""
