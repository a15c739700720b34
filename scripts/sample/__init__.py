"""The sample encyclopedia: 8 subjects in two languages, each article as the life that led to it."""

from scripts.sample.lives import AnyStep, SampleAccount, SampleLife, accounts, final_body, lives

__all__ = ["AnyStep", "SampleAccount", "SampleLife", "accounts", "final_body", "lives"]
