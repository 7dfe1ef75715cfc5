-- platform: plain
-- expect: safe
-- expect: no definer-trigger
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- The same with the new row's tenant in every condition; a sum kept by the tenant's key; and a log of the row itself.
CREATE TABLE orders_given (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, parcel bigint, weight int, changed_at timestamptz);
CREATE INDEX ON orders_given (tenant_id);
ALTER TABLE orders_given ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders_given USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE history (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, row_id bigint, what jsonb);
CREATE INDEX ON history (tenant_id);
ALTER TABLE history ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON history FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
REVOKE INSERT, UPDATE, DELETE ON history FROM shop_app;
CREATE FUNCTION weigh() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE parcels SET weight = NEW.weight WHERE id = NEW.parcel AND tenant_id = NEW.tenant_id;
  INSERT INTO history (tenant_id, row_id, what) VALUES (NEW.tenant_id, NEW.parcel, to_jsonb(NEW));
  RETURN NEW;
END $$;
CREATE TRIGGER weigh AFTER INSERT ON orders_given FOR EACH ROW EXECUTE FUNCTION weigh();
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN NEW.changed_at := now(); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE UPDATE ON orders_given FOR EACH ROW EXECUTE FUNCTION stamp();
