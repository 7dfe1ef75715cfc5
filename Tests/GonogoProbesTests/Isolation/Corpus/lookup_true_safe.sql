-- platform: supabase
-- expect: safe
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes FOR ALL TO authenticated USING (user_id = auth.uid());
CREATE TABLE countries (code char(2) PRIMARY KEY, name text NOT NULL);
ALTER TABLE countries ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON countries FOR SELECT USING (true);
