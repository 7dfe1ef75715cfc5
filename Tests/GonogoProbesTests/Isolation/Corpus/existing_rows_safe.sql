-- platform: plain
-- expect: safe
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE FUNCTION is_sealed(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1) LIKE 'e%' $$;
CREATE TABLE seals (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, seal text NOT NULL CHECK (is_sealed(seal) AND md5(seal || 'x') LIKE '%4'));
ALTER TABLE seals ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON seals USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
INSERT INTO tenants VALUES ('11111111-1111-4111-8111-111111111111', 'one'), ('22222222-2222-4222-8222-222222222222', 'two');
INSERT INTO seals SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN '11111111-1111-4111-8111-111111111111'::uuid ELSE '22222222-2222-4222-8222-222222222222' END, 'seal ' || n
  FROM generate_series(1, 5000) n WHERE is_sealed('seal ' || n) AND md5('seal ' || n || 'x') LIKE '%4';
