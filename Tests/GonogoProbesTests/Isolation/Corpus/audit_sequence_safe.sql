-- platform: plain
-- expect: safe
-- The trigger draws from a sequence with every change: nextval does not roll back, and it stays where it was all the same.
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE orders (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, total numeric(10,2) NOT NULL CHECK (total >= 0), note text);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON orders USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TABLE audit_log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid NOT NULL, what text NOT NULL);
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON audit_log FOR SELECT USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
REVOKE INSERT, UPDATE, DELETE ON audit_log FROM shop_app;
CREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN INSERT INTO audit_log (tenant_id, what) VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), TG_OP); RETURN coalesce(NEW, OLD); END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION note_it();
INSERT INTO tenants VALUES ('11111111-0000-4000-8000-000000000001', 'Acme');
INSERT INTO orders (tenant_id, total) VALUES ('11111111-0000-4000-8000-000000000001', 3);
