"""What is believed of passkeys."""
