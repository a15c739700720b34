"""The sample encyclopedia: entries of every kind, and articles in two languages about 24 of them.

`files` reads the accounts, the sources and the articles: `lives` those that have a history of their own,
`pairs` the short ones. `cards` reads all other entries, in the short spelling of `spelling`. `loading` makes
commands of all of it.
"""

from scripts.sample.cards import SampleEntry, entries
from scripts.sample.files import SampleAccount, accounts, lives
from scripts.sample.lives import AnyStep, SampleLife, final_body

__all__ = [
    "AnyStep",
    "SampleAccount",
    "SampleEntry",
    "SampleLife",
    "accounts",
    "entries",
    "final_body",
    "lives",
]
