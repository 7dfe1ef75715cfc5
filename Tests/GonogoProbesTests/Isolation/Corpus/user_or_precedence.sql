-- platform: supabase
-- expect: leak notes SELECT
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text, is_archived boolean NOT NULL DEFAULT false);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON notes FOR SELECT TO authenticated USING (user_id = auth.uid() AND is_archived OR is_archived = false);
CREATE POLICY a ON notes FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid());
