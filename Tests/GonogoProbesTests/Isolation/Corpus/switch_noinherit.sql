-- platform: plain
-- role: switch_noinherit_app
-- expect: leak parcels SELECT member
-- expect: kind parcels SELECT set-role
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_noinherit_app') THEN CREATE ROLE switch_noinherit_app LOGIN NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'switch_noinherit_owner') THEN CREATE ROLE switch_noinherit_owner NOLOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO switch_noinherit_app;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE ALL ON tenants, parcels FROM shop_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, parcels TO switch_noinherit_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO switch_noinherit_app;
-- The owner of a table, whom row security does not hold, through a role in between.
GRANT USAGE ON SCHEMA public TO switch_noinherit_owner;
ALTER TABLE parcels OWNER TO switch_noinherit_owner;
GRANT switch_noinherit_owner TO switch_noinherit_app;
