"""What tests begin with: lives, messages, people, next builds."""
