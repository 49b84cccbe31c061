-- A role for the servers on PostgreSQL that can neither change the schema nor entries of the audit trail.
-- Run as the owner of the tables, who also runs `registrar migrate`; then set a password and use the role in DATABASE_URL.
create role registrar_server login;
grant usage on schema public to registrar_server;
grant select, insert, update, delete on all tables in schema public to registrar_server;
alter default privileges in schema public grant select, insert, update, delete on tables to registrar_server;
revoke insert, update, delete on schema_migration from registrar_server;
revoke update, delete on audit from registrar_server;
