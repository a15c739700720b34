"""Vocabularies as readers see them: terms, which are entries, by vocabulary and code.

`terms` reads them with one statement, `described` is what is told of them, `api` has the routes.
"""
