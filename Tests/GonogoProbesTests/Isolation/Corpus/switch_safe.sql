-- platform: plain
-- role: switch_safe_app
-- expect: safe
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_safe_app') THEN CREATE ROLE switch_safe_app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_safe_readers') THEN CREATE ROLE switch_safe_readers NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_safe_dump') THEN CREATE ROLE switch_safe_dump NOLOGIN BYPASSRLS; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO switch_safe_app;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE ALL ON tenants, parcels FROM shop_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, parcels TO switch_safe_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO switch_safe_app;
-- A group whose rights no policy widens, and a role for copies that the application's is no member of: it is the other way round.
GRANT USAGE ON SCHEMA public TO switch_safe_readers;
GRANT SELECT ON parcels TO switch_safe_readers;
GRANT switch_safe_readers TO switch_safe_app;
GRANT switch_safe_app TO switch_safe_dump;
