-- platform: plain
-- expect: finding notify-row parcels.tell
-- expect: finding large-object parcels.label
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE parcels ADD COLUMN label oid;
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('parcels', to_jsonb(NEW)::text); RETURN NEW; END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION tell();
