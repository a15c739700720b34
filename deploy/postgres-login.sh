#!/bin/sh
# Runs once, when the PostgreSQL container makes its data folder: the login of our processes. It owns nothing;
# `frankenjet migrate` lets it into the roles that it acts as.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set=password="$APP_PASSWORD" <<'SQL'
create role frankenjet_app login password :'password';
SQL
