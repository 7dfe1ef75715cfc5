-- platform: supabase
-- expect: safe
-- One joins a group by an invitation alone, and marks its groups for itself.
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
CREATE TABLE collection_invites (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
  invitee_id uuid NOT NULL REFERENCES auth.users);
CREATE TABLE collection_stars (
  collection_id uuid NOT NULL REFERENCES collections ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users,
  PRIMARY KEY (collection_id, user_id));
CREATE INDEX ON collection_stars (user_id);
CREATE INDEX ON collection_items (collection_id);
CREATE INDEX ON collection_invites (collection_id);
CREATE INDEX ON collection_invites (invitee_id);
ALTER TABLE collection_invites ENABLE ROW LEVEL SECURITY;
ALTER TABLE collection_stars ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION is_invited(c uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.collection_invites i WHERE i.collection_id = c AND i.invitee_id = auth.uid()) $$;
CREATE POLICY read ON collections FOR SELECT TO authenticated USING (is_collector(id));
CREATE POLICY read ON collection_members FOR SELECT TO authenticated USING (is_collector(collection_id));
CREATE POLICY accept ON collection_members FOR INSERT TO authenticated
  WITH CHECK (is_collector(collection_id) OR user_id = auth.uid() AND is_invited(collection_id));
CREATE POLICY own ON collection_items FOR ALL TO authenticated USING (is_collector(collection_id));
CREATE POLICY own ON collection_invites FOR ALL TO authenticated USING (is_collector(collection_id));
CREATE POLICY own ON collection_stars FOR ALL TO authenticated USING (user_id = auth.uid());
