"""What the fields of a kind are over HTTP: the types of bodies and of answers, for those sides that speak it.

`fields` has the type of each kind of field, `values` the models of values with members, `models` what those
have in common. Nothing that only reads the log imports them: workers of a rebuild know fields by what is
stored alone.
"""
