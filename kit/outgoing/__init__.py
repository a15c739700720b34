"""Requests to addresses that strangers name: a webhook, a picture somewhere. None of them leads inwards.

`targets` says which addresses may be named, `public` which addresses of the network are everybody's,
`connecting` reaches only those, and `client` sends one request within bounds of time and bytes.
"""
