-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE boards (tenant_id uuid NOT NULL REFERENCES tenants, number int NOT NULL, body text, PRIMARY KEY (tenant_id, number));
CREATE TABLE cards (tenant_id uuid NOT NULL, number int NOT NULL, place int NOT NULL, body text, PRIMARY KEY (tenant_id, number, place), FOREIGN KEY (tenant_id, number) REFERENCES boards ON DELETE CASCADE);
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
ALTER TABLE cards ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON boards USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON cards USING (EXISTS (SELECT FROM boards b WHERE b.number = cards.number AND b.tenant_id = cards.tenant_id));
