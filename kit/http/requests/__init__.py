"""What comes in: head, headers, body, JSON, conditions, parameters, and the words of refusals."""
