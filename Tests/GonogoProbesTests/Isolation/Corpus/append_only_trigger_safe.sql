-- platform: supabase
-- expect: safe
-- A trigger refuses UPDATE and DELETE to everybody: that nobody's own attempt succeeds is by design.
CREATE TABLE journal (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, entry text NOT NULL);
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'entries are only added'; END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION only_added();
ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON journal TO authenticated USING (user_id = auth.uid());
