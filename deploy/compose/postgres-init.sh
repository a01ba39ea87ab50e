#!/bin/bash
# One database and one role a service; no service can connect to another's.
set -euo pipefail
for service in authz submissions listings metrics notifications gateway; do
  psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
    --set service="$service" --set password="$(cat "/run/secrets/password_$service")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
