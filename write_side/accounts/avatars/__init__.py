"""Pictures that people have of themselves: set and removed (`setting`), and their routes (`routes`).

They come the way of all pictures: a form or parts, and a process that writes it again, here as a square. The
log is told nothing of them. A row of `auth.avatar` is there before its file and until that is removed
(`sweeping`), so that erasing an account, which is a matter of rows, removes bytes as well. What it had sent
and never confirmed goes with them (`unconfirmed`).
"""
