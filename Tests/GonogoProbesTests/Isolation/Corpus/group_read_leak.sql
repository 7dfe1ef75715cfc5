-- platform: supabase
-- expect: leak collections SELECT member no-tenant
-- A group that only members should see, and everybody signed in does.
CREATE TABLE collections (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE collection_members (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, UNIQUE (collection_id, user_id));
CREATE TABLE collection_items (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
  added_by uuid REFERENCES auth.users, title text NOT NULL);
CREATE FUNCTION is_collector(c uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.collection_members m WHERE m.collection_id = c AND m.user_id = auth.uid()) $$;
ALTER TABLE collections ENABLE ROW LEVEL SECURITY;
ALTER TABLE collection_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE collection_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON collections FOR SELECT TO authenticated USING (true);
CREATE POLICY read ON collection_members FOR SELECT TO authenticated USING (is_collector(collection_id));
CREATE POLICY leave ON collection_members FOR DELETE TO authenticated USING (user_id = auth.uid());
CREATE POLICY own ON collection_items FOR ALL TO authenticated USING (is_collector(collection_id));
