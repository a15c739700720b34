"""What somebody proves beside a password: codes of an app (`totp`), and codes for a bad day (`recovery`).

Who has an app uses it: `second` asks for a code after the password. Its owner adds it by `app`. `ways_in`
lets nobody do without the last way to sign in, and tells the owner of each change.
"""
