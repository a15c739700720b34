"""Users of Telegram and the accounts that our bot may act for: their links, and one command at a time.

The bot is a program of an administrator, with a token of the scope `telegram`. `links` ties a user of
Telegram to an account by a code that works once; `acts` gives the bot a token for one command of it.
"""
