-- platform: plain
-- expect: safe
-- expect: finding sequence-settable notes_id_seq
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE notes (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, body text);
CREATE INDEX ON notes (tenant_id);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT ALL ON SEQUENCE notes_id_seq TO shop_app;
