-- platform: supabase
-- expect: leak profiles UPDATE member
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, full_name text, is_admin boolean NOT NULL DEFAULT false);
CREATE FUNCTION am_admin() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ SELECT coalesce((SELECT p.is_admin FROM public.profiles p WHERE p.id = auth.uid()), false) $$;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON profiles FOR ALL TO authenticated USING (id = auth.uid());
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON notes FOR ALL TO authenticated USING (user_id = auth.uid() OR am_admin());
