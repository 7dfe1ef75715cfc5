-- platform: plain
-- expect: safe
-- expect: finding secret-readable connections.api_key
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE connections (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, name text, api_key text);
CREATE INDEX ON connections (tenant_id);
ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON connections USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
