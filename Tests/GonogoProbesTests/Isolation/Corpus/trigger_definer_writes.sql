-- platform: plain
-- expect: unproven orders_given
-- expect: finding definer-trigger orders_given.weigh
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE orders_given (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, parcel bigint, weight int);
CREATE INDEX ON orders_given (tenant_id);
ALTER TABLE orders_given ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders_given USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE FUNCTION weigh() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN UPDATE parcels SET weight = NEW.weight WHERE id = NEW.parcel; RETURN NEW; END $$;
CREATE TRIGGER weigh AFTER INSERT ON orders_given FOR EACH ROW EXECUTE FUNCTION weigh();
