"""One reader for each form of setting: it normalizes what can be normalized, and says how to mend the rest.

`addresses` reads where a server is, `lists` what is separated by commas, `plain` a single word or number.
Each reader takes what somebody wrote, in the environment or behind an option, and returns its one spelling;
what it cannot read it refuses with a sentence that never quotes an address: a part could be a password.
"""


class Wrong(ValueError):  # noqa: N818 - a verdict
    """What was written cannot be used; the message says in one sentence what it has to look like."""
