-- platform: supabase
-- expect: safe
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, full_name text, is_admin boolean NOT NULL DEFAULT false);
CREATE FUNCTION guard_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF auth.uid() IS NOT NULL AND NEW.is_admin IS DISTINCT FROM OLD.is_admin THEN RAISE EXCEPTION 'only the service may do that'; END IF; RETURN NEW; END $$;
CREATE TRIGGER guard BEFORE UPDATE ON profiles FOR EACH ROW EXECUTE FUNCTION guard_admin();
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON profiles FOR SELECT TO authenticated USING (id = auth.uid());
CREATE POLICY upd ON profiles FOR UPDATE TO authenticated USING (id = auth.uid());
