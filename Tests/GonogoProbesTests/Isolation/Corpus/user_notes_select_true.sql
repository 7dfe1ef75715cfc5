-- platform: supabase
-- expect: leak notes SELECT
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON notes FOR SELECT USING (true);
CREATE POLICY a ON notes FOR ALL TO authenticated USING (user_id = auth.uid());
