-- platform: supabase
-- expect: safe
CREATE TABLE user_preferences (user_id uuid PRIMARY KEY REFERENCES auth.users, theme text NOT NULL DEFAULT 'dark', locale text);
ALTER TABLE user_preferences ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON user_preferences FOR ALL TO authenticated USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
