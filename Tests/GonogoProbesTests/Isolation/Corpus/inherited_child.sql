-- platform: plain
-- expect: leak logs_child SELECT INSERT UPDATE DELETE
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE logs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, line text);
CREATE TABLE logs_child (extra text, PRIMARY KEY (id)) INHERITS (logs);
ALTER TABLE logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON logs USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
