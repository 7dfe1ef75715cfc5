-- platform: supabase
-- expect: leak organizations UPDATE admin
-- An admin may rename its tenant, and gives it another plan by the same right.
CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'team')), max_projects int NOT NULL DEFAULT 3);
CREATE TABLE memberships (
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'admin')), PRIMARY KEY (organization_id, user_id));
CREATE FUNCTION is_member(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid()) $$;
CREATE FUNCTION is_admin(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.memberships m WHERE m.organization_id = org AND m.user_id = auth.uid() AND m.role = 'admin') $$;
CREATE INDEX ON memberships (user_id);
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY org_read ON organizations FOR SELECT TO authenticated USING (is_member(id));
CREATE POLICY org_write ON organizations FOR UPDATE TO authenticated USING (is_admin(id));
CREATE POLICY member_read ON memberships FOR SELECT TO authenticated USING (is_member(organization_id));
