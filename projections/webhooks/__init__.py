"""Webhooks: what happened is sent to those who asked for it, each in the order of the log, at least once.

`deliverer` leads: it looks to whom something is to be sent, and lets each endpoint have its turn (`turn`).
Rows of endpoints are read and marked by `ledger` alone, over the connection by which this copy leads.
`endpoint` says what an endpoint may know, `patience` when a try is repeated and given up, `signing` what a
request says.
"""
