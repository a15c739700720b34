-- Invitations: each opens one account, for anyone who has its code. It is known by the code's hash alone.
create table auth.invitation (
  id uuid primary key,
  sha256 bytea not null unique check (length(sha256) = 32),
  email text,                                   -- to whom it was sent; null: it is for anyone who has the code
  email_key text,                               -- the same as it is compared
  locale text not null default 'en' check (locale in ('ru', 'en')),
  role text check (role in ('reader', 'editor', 'moderator', 'admin')),   -- null: what a new account may
  reason text not null default '',
  actor uuid,                                   -- who invites; null: the operator
  made_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz,
  account uuid references auth.account deferrable initially deferred,   -- opened with it
  revoked_at timestamptz,
  check (num_nulls(used_at, account) in (0, 2)),
  check (num_nulls(email, email_key) in (0, 2))
);
create index on auth.invitation (actor, id);
create index on auth.invitation (email_key) where email_key is not null;
create index on auth.invitation (account) where account is not null;
create index on auth.invitation (least(used_at, revoked_at, expires_at));   -- when it was over

grant select, insert, update, delete on auth.invitation to frankenjet_accounts;
grant select (id, email, locale, role, reason, actor, made_at, expires_at, used_at, account, revoked_at)
  on auth.invitation to frankenjet_read;

insert into auth.invitation (id, sha256, role, reason, made_at, expires_at)
select (facts ->> 'id')::uuid, sha256, facts ->> 'role', coalesce(facts ->> 'reason', ''), made_at, expires_at
  from auth.code where purpose = 'invitation';
delete from auth.code where purpose = 'invitation';

-- What is over is deleted in small steps, each of which finds its rows by an index and passes over those that
-- somebody holds (for which a role needs to be allowed to change one column).
create index on auth.session (least(revoked_at, expires_at)) where secret is not null;
create index on auth.session (least(revoked_at, expires_at)) where secret is null;
create index on auth.socket_ticket (expires_at);
create index on auth.mail (made_at);
grant update (expires_at) on auth.attempt, auth.challenge, auth.socket_ticket to frankenjet_accounts;
