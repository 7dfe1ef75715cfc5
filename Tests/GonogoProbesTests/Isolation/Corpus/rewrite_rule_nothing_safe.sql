-- platform: plain
-- expect: safe
-- expect: no rewrite-rule
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- Rows that are only ever added: the rule does less than the statement says, not more.
CREATE TABLE steps (id bigserial PRIMARY KEY, word text);
CREATE RULE keep AS ON DELETE TO steps DO INSTEAD NOTHING;
