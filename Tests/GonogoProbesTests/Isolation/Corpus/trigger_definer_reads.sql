-- platform: plain
-- expect: unproven questions
-- expect: finding definer-trigger questions.answer
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE parcels (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, weight int);
CREATE INDEX ON parcels (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY own ON parcels USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- Whoever asks names the tenant, and the trigger answers with its owner's rights.
CREATE TABLE questions (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, about uuid, answer text);
CREATE INDEX ON questions (tenant_id);
ALTER TABLE questions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON questions USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE asked uuid := NEW.about;
BEGIN SELECT string_agg(p::text, ' ') INTO NEW.answer FROM parcels p WHERE p.tenant_id = asked; RETURN NEW; END $$;
CREATE TRIGGER answer BEFORE INSERT ON questions FOR EACH ROW EXECUTE FUNCTION answer();
