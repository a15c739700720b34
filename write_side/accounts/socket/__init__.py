"""What people are told at once over a socket or a stream: their session ended, something waits for them.

`tickets` let a page open a socket without a token in its address, `listeners` are those who listen in this
process, `looking` finds what they are to hear, `api` speaks with them.
"""
