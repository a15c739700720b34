"""The sample encyclopedia: 24 subjects in two languages, each article as the life that led to it.

`files` reads the accounts, the sources and the articles: `lives` those that have a history of their own,
`pairs` the short ones. `loading` makes commands of all of it.
"""

from scripts.sample.files import SampleAccount, accounts, lives
from scripts.sample.lives import AnyStep, SampleLife, final_body

__all__ = ["AnyStep", "SampleAccount", "SampleLife", "accounts", "final_body", "lives"]
