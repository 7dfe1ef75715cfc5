-- platform: plain
-- role: switch_server_app
-- expect: leak pg_read_server_files SELECT
-- expect: leak pg_execute_server_program EXECUTE
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_server_app') THEN CREATE ROLE switch_server_app LOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO switch_server_app;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE ALL ON tenants, parcels FROM shop_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, parcels TO switch_server_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO switch_server_app;
GRANT pg_read_server_files, pg_execute_server_program TO switch_server_app;
