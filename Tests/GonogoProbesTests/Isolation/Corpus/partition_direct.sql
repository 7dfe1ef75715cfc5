-- platform: plain
-- expect: leak events_old SELECT INSERT UPDATE DELETE
-- expect: leak events_new SELECT INSERT UPDATE DELETE
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE events (id uuid NOT NULL, tenant_id uuid NOT NULL REFERENCES tenants, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON events USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
