-- platform: plain
-- expect: unproven seals
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE FUNCTION is_sealed(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1) LIKE 'e%' $$;
CREATE TABLE seals (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, seal text NOT NULL CHECK (is_sealed(seal) AND md5(seal || 'x') LIKE '%4'));
ALTER TABLE seals ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON seals USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
