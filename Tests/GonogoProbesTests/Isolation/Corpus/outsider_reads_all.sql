-- platform: plain
-- expect: finding role-not-tested outsider_worker
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'outsider_worker') THEN CREATE ROLE outsider_worker LOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO outsider_worker;
GRANT SELECT, UPDATE ON parcels TO outsider_worker;
CREATE POLICY work ON parcels TO outsider_worker USING (true);
