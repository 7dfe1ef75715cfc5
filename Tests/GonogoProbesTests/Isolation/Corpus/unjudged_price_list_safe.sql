-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- Everybody reads it, and who is signed in may add: the policies ask who calls, and hold no row against it.
CREATE TABLE prices (id serial PRIMARY KEY, label text, visible boolean NOT NULL DEFAULT true);
ALTER TABLE prices ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_of_them ON prices FOR SELECT USING (visible);
CREATE POLICY signed_in ON prices FOR INSERT WITH CHECK (current_setting('app.tenant_id', true) <> '');
