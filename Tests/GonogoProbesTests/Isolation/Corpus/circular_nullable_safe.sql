-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE teams_ (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, lead_id uuid);
CREATE TABLE staff (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, team_ref uuid NOT NULL REFERENCES teams_);
ALTER TABLE teams_ ADD FOREIGN KEY (lead_id) REFERENCES staff;
ALTER TABLE teams_ ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON teams_ USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY a ON staff USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
