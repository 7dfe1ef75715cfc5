-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere', dbname 'nothing');
CREATE FOREIGN TABLE parcels_far (id bigint, tenant_id uuid, weight int) SERVER far OPTIONS (schema_name 'public', table_name 'parcels');
REVOKE ALL ON parcels_far FROM shop_app;
