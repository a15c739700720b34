"""Signing in with an account that somebody has elsewhere: Google, VK, Yandex, Telegram.

`settings` reads which of them are `offered`. `attempts` keeps what is known of somebody who was sent to one
until he comes back; `flows` talk to the provider, over `wire`, and read its `id_token`; `vouched` is what
comes of that. `identities` are what providers vouch for. What becomes of somebody who comes back is decided
in `coming_in`, one floor up.
"""
