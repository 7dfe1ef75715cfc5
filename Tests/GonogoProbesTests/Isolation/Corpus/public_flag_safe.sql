-- platform: supabase
-- expect: safe
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text, is_public boolean NOT NULL DEFAULT false);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON notes FOR SELECT USING (is_public OR user_id = auth.uid());
CREATE POLICY a ON notes FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid());
