-- platform: supabase
-- expect: safe
-- expect: survivor DROP POLICY invited ON public.memberships
-- expect: finding invitation-by-email memberships
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
CREATE TABLE invitations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, email text NOT NULL, role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'admin')));
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON invitations FOR ALL TO authenticated USING (is_admin(organization_id));
CREATE FUNCTION is_invited(org uuid, as_role text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.invitations i WHERE i.organization_id = org AND i.email = auth.email() AND i.role = as_role) $$;
CREATE POLICY invited ON memberships FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid() AND is_invited(organization_id, role));
