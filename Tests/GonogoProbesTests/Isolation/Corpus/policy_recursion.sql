-- platform: supabase
-- expect: broken team_members
-- expect: broken teams
-- expect: unproven team_members
-- expect: unproven teams
-- expect: finding policy-recursion team_members
CREATE TABLE teams (id uuid PRIMARY KEY, name text);
CREATE TABLE team_members (team_id uuid NOT NULL REFERENCES teams, user_id uuid NOT NULL REFERENCES auth.users, PRIMARY KEY (team_id, user_id));
ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON team_members FOR SELECT TO authenticated USING (team_id IN (SELECT team_id FROM team_members WHERE user_id = auth.uid()));
CREATE POLICY r ON teams FOR SELECT TO authenticated USING (id IN (SELECT team_id FROM team_members WHERE user_id = auth.uid()));
