-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE events (id uuid NOT NULL, tenant_id uuid NOT NULL REFERENCES tenants, body text, PRIMARY KEY (id, tenant_id)) PARTITION BY HASH (tenant_id);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE events_2 PARTITION OF events FOR VALUES WITH (MODULUS 3, REMAINDER 2);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON events USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE events_0 ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON events_0 USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE events_1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON events_1 USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE events_2 ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON events_2 USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
