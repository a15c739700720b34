-- Users of Telegram for whom our bot may act, each as far as the rights of one account go.
create table auth.telegram (
  id uuid primary key,                          -- of the link; tokens for one command name it
  account uuid not null unique references auth.account,
  telegram_user bigint not null unique check (telegram_user > 0),
  strong boolean not null,                      -- whether a second factor was shown in the session that linked
  linked_at timestamptz not null default clock_timestamp()
);
grant select, insert, delete on auth.telegram to frankenjet_accounts;
grant select (id, account, strong) on auth.telegram to frankenjet_read;

alter table auth.code drop constraint code_purpose_check, add constraint code_purpose_check
  check (purpose in ('registration', 'password', 'invitation', 'email', 'email-undo', 'telegram'));
alter table auth.bot_token drop constraint bot_token_scopes_check, add constraint bot_token_scopes_check
  check (scopes <@ '{read,draft,submit,publish,moderate,stream,telegram}');
