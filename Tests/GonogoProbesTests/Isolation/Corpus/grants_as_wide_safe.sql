-- platform: plain
-- expect: safe
-- expect: no grant-without-policy
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE notes (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, body text);
CREATE INDEX ON notes (tenant_id);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE INSERT, UPDATE, DELETE ON notes FROM shop_app;
