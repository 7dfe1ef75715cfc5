-- platform: plain
-- expect: refused
-- role: shop_idle
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_idle') THEN CREATE ROLE shop_idle LOGIN; END IF; END $$;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE orders (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, total numeric(10,2) NOT NULL CHECK (total >= 0), note text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON orders USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
