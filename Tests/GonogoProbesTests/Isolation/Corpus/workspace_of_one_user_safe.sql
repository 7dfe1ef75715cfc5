-- platform: supabase
-- expect: safe
-- A workspace without members is one user's folder and no tenant: every policy asks for the user alone.
CREATE TABLE workspaces (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, name text NOT NULL);
CREATE TABLE drafts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE, body text NOT NULL);
CREATE TABLE replies (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE, body text NOT NULL);
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE replies ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON workspaces USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON drafts USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON replies USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
