-- platform: supabase
-- expect: safe
-- expect: survivor DROP POLICY watch ON public.minutes
CREATE TABLE clubs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE club_members (club_id uuid NOT NULL REFERENCES clubs ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, role text NOT NULL DEFAULT 'member', state text NOT NULL DEFAULT 'joined', door_code text, PRIMARY KEY (club_id, user_id));
CREATE TABLE minutes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), club_id uuid NOT NULL REFERENCES clubs ON DELETE CASCADE, body text);
CREATE FUNCTION my_clubs() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT club_id FROM public.club_members WHERE user_id = auth.uid() $$;
CREATE FUNCTION led_clubs() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT club_id FROM public.club_members WHERE user_id = auth.uid() AND role = 'admin' $$;
ALTER TABLE clubs ENABLE ROW LEVEL SECURITY;
ALTER TABLE club_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE minutes ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON clubs FOR SELECT TO authenticated USING (id IN (SELECT my_clubs()));
CREATE POLICY r ON club_members FOR SELECT TO authenticated USING (club_id IN (SELECT my_clubs()));
CREATE POLICY i ON club_members FOR INSERT TO authenticated WITH CHECK (club_id IN (SELECT led_clubs()));
CREATE POLICY d ON club_members FOR DELETE TO authenticated USING (club_id IN (SELECT led_clubs()));
CREATE POLICY a ON minutes FOR ALL TO authenticated USING (club_id IN (SELECT my_clubs()));
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, nick text, kind text NOT NULL DEFAULT 'person', extras jsonb NOT NULL DEFAULT '{}');
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY r ON profiles FOR SELECT TO authenticated USING (id = auth.uid());
REVOKE UPDATE ON profiles FROM anon, authenticated;
GRANT UPDATE (nick) ON profiles TO authenticated;
CREATE POLICY u ON profiles FOR UPDATE TO authenticated USING (id = auth.uid());
CREATE POLICY watch ON minutes FOR SELECT TO authenticated USING (EXISTS (SELECT FROM profiles p WHERE p.id = auth.uid() AND (p.kind = 'watcher' OR (p.extras ->> 'inspector')::boolean)));
