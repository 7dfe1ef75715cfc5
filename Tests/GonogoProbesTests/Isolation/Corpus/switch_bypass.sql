-- platform: plain
-- role: switch_bypass_app
-- expect: leak parcels SELECT member
-- expect: kind parcels SELECT set-role
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_bypass_app') THEN CREATE ROLE switch_bypass_app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_bypass_reports') THEN CREATE ROLE switch_bypass_reports NOLOGIN BYPASSRLS; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO switch_bypass_app;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE ALL ON tenants, parcels FROM shop_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, parcels TO switch_bypass_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO switch_bypass_app;
GRANT USAGE ON SCHEMA public TO switch_bypass_reports;
GRANT SELECT ON parcels TO switch_bypass_reports;
GRANT switch_bypass_reports TO switch_bypass_app;
