-- platform: supabase
-- expect: safe
-- A link's primary key is made of what it links: the owner's own INSERT must find room.
CREATE TABLE boards (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, title text NOT NULL);
CREATE TABLE tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, name text NOT NULL);
CREATE TABLE board_tags (
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, board_id uuid NOT NULL REFERENCES boards ON DELETE CASCADE,
  tag_id uuid NOT NULL REFERENCES tags ON DELETE CASCADE, PRIMARY KEY (board_id, tag_id));
ALTER TABLE boards ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_tags ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON boards USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON tags USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON board_tags USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
