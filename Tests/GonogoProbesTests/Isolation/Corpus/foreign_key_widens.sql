-- platform: plain
-- expect: leak attachments INSERT UPDATE
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE orders (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, total numeric(10,2) NOT NULL CHECK (total >= 0), note text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON orders USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE attachments (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, file text NOT NULL);
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON attachments FOR SELECT USING (EXISTS (SELECT FROM orders o WHERE o.id = order_id));
CREATE POLICY i ON attachments FOR INSERT WITH CHECK (true);
CREATE POLICY u ON attachments FOR UPDATE USING (EXISTS (SELECT FROM orders o WHERE o.id = order_id)) WITH CHECK (true);
