-- platform: plain
-- expect: leak items DELETE
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE items (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, category_id int NOT NULL REFERENCES categories ON DELETE CASCADE);
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON items USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
