#!/bin/bash
# Run once by the postgres image on a new data folder: the database and its two roles.
# The owner migrates; the application's role gets its rights from the migrations, and no others.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE vb_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE vb_app LOGIN PASSWORD :'app_password';
CREATE DATABASE valueboard OWNER vb_owner TEMPLATE template0 ENCODING 'UTF8'
  LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
REVOKE ALL ON DATABASE valueboard FROM PUBLIC;
GRANT CONNECT ON DATABASE valueboard TO vb_app;
SQL
