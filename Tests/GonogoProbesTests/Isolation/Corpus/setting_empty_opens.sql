-- platform: plain
-- expect: leak orders SELECT no-tenant
-- expect: leak orders UPDATE no-tenant
-- expect: leak orders DELETE no-tenant
-- expect: leak orders INSERT no-tenant
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE orders (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, total numeric(10,2) NOT NULL CHECK (total >= 0), note text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON orders USING (current_setting('app.tenant_id', true) = '' OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
