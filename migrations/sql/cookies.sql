-- Sessions of browsers are found by the hash of the secret in their cookie, which is nobody's guess. Why a session
-- ended is told to the clients that it had.
alter table auth.session
  add column cookie bytea unique check (length(cookie) = 32),
  add column why text;                          -- it ended; null: it did not, or ran out

grant select (cookie, why) on auth.session to frankenjet_read, frankenjet_write;
