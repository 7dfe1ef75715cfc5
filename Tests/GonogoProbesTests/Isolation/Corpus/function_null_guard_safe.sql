-- platform: supabase
-- expect: safe
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes FOR ALL TO authenticated USING (user_id = auth.uid());
CREATE FUNCTION delete_note(p_note_id uuid, p_user_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN IF auth.uid() IS DISTINCT FROM p_user_id THEN RAISE EXCEPTION 'not yours'; END IF; DELETE FROM notes WHERE id = p_note_id AND user_id = p_user_id; END $$;
