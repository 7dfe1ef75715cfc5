-- platform: supabase
-- expect: safe
-- expect: survivor DROP POLICY bootstrap ON public.memberships
CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE memberships (
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'admin')), PRIMARY KEY (organization_id, user_id));
CREATE FUNCTION is_member(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid()) $$;
CREATE FUNCTION is_admin(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid() AND m.role = 'admin') $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY org_read ON organizations FOR SELECT TO authenticated USING (is_member(id));
CREATE POLICY org_write ON organizations FOR UPDATE TO authenticated USING (is_admin(id));
CREATE POLICY member_read ON memberships FOR SELECT TO authenticated USING (is_member(organization_id));
CREATE POLICY member_write ON memberships FOR ALL TO authenticated USING (is_admin(organization_id));
CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, title text NOT NULL, body text);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON documents FOR ALL TO authenticated USING (is_member(organization_id));
INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'founder@example.test');
CREATE POLICY bootstrap ON memberships FOR INSERT TO authenticated WITH CHECK (auth.jwt() ->> 'email' = 'founder@example.test');
