"""`frankenjet telegram`: what happens, told in Telegram, with buttons that become commands.

It is a client like any other: it follows the stream of events (`scripts.bot.following`), asks our API
(`our_api`), and has a file of its own (`state`). Events change which messages there should be (`posts`,
`texts`, `buttons`); `sending` brings Telegram to that, over `wire`. What people write and press comes by
`updates`, and is done with their rights. Of readers of the log that do not keep up, `frankenjet alarm` tells.
"""
