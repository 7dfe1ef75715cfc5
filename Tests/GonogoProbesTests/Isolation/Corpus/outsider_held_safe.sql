-- platform: plain
-- expect: safe
-- expect: no role-not-tested
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'outsider_held_worker') THEN CREATE ROLE outsider_held_worker LOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO outsider_held_worker;
-- The same policies hold it as hold the application.
GRANT SELECT ON parcels TO outsider_held_worker;
