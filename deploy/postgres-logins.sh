#!/bin/sh
# Runs once, when the PostgreSQL container makes its data folder: a login for each process. They own nothing, and each
# may act as one role, which `frankenjet migrate` gives its rights.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set=write="$WRITE_PASSWORD" \
    --set=project="$PROJECT_PASSWORD" --set=read="$READ_PASSWORD" <<'SQL'
create role frankenjet_write nologin;
create role frankenjet_project nologin;
create role frankenjet_read nologin;
create role frankenjet_accounts nologin;
create role frankenjet_login_write login password :'write' in role frankenjet_write, frankenjet_accounts;
create role frankenjet_login_project login password :'project' in role frankenjet_project;
create role frankenjet_login_read login password :'read' in role frankenjet_read;
SQL
