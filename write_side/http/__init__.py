"""Commands over HTTP: from rows of a table to routes, from a request to the bus, from a receipt to an answer.

`routes` has the row of a table, and makes routes of rows. `command_request` reads who asks, for what and
under which key, runs the command, and answers with its receipt. `answers` describes all that for OpenAPI.
"""
