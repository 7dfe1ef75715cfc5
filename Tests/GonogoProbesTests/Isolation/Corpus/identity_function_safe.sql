-- platform: supabase
-- expect: safe
-- Who asks is looked up by a function: what it is compared with, `created_by` here, is the owner. Two tenants must not be put into one shelf.
CREATE TABLE profiles (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), auth_user_id uuid NOT NULL UNIQUE REFERENCES auth.users ON DELETE CASCADE);
CREATE FUNCTION get_user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT r.id FROM public.profiles r WHERE r.auth_user_id = auth.uid() $$;
CREATE TABLE shelves (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_by uuid NOT NULL REFERENCES profiles ON DELETE CASCADE, name text NOT NULL);
CREATE TABLE volumes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), shelf_id uuid NOT NULL REFERENCES shelves ON DELETE CASCADE, title text NOT NULL);
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE shelves ENABLE ROW LEVEL SECURITY;
ALTER TABLE volumes ENABLE ROW LEVEL SECURITY;
CREATE POLICY self ON profiles FOR SELECT TO authenticated USING (auth_user_id = auth.uid());
CREATE POLICY own ON shelves TO authenticated USING (get_user_id() = created_by);
CREATE POLICY own ON volumes TO authenticated
  USING (EXISTS (SELECT 1 FROM shelves s WHERE s.id = volumes.shelf_id AND s.created_by = get_user_id()));
CREATE TABLE loans (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES profiles ON DELETE CASCADE, due date);
ALTER TABLE loans ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON loans TO authenticated USING (user_id = get_user_id());
