#!/bin/sh
# Run once by the PostgreSQL image, as its administrator. Two roles, neither a superuser: one owns the tables
# and migrates them; the site's processes use the other, which can neither change tables nor silence triggers.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${ADMIN_DATABASE:-postgres}" \
    --set name="${EMS_DATABASE:-supply}" \
    --set owner="${EMS_DATABASE:-supply}_owner" \
    --set owner_password="$(cat "${OWNER_PASSWORD_FILE}")" \
    --set app_password="$(cat "${APP_PASSWORD_FILE}")" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"name" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"name";
\connect :"name"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"name";
SQL
