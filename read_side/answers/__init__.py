"""From a question to an answer: parameters, pages, whole answers ahead of the router."""
