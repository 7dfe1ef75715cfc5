-- platform: supabase
-- expect: leak user_roles INSERT member
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes FOR ALL TO authenticated USING (user_id = auth.uid());
CREATE TABLE user_roles (id bigserial PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, role text NOT NULL);
ALTER TABLE user_roles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON user_roles FOR ALL TO authenticated USING (user_id = auth.uid());
