-- platform: plain
-- expect: safe
-- The key is a text that holds a uuid, and the policies cast it: a key that is no uuid would end every query in an error.
CREATE TABLE tenants (id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE reports (id text PRIMARY KEY, tenant_id text NOT NULL REFERENCES tenants ON DELETE CASCADE, title text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id::uuid = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
CREATE POLICY own ON reports USING (tenant_id::uuid = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
