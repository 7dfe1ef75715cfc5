-- platform: supabase
-- expect: leak revenue EXECUTE member no-tenant anonymous
-- expect: leak last_invoice EXECUTE
-- Figures and dates say whose they are by no mark: they are told by what becomes of them without the other tenant.
CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
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
CREATE TABLE invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE, amount numeric NOT NULL, issued_at timestamptz NOT NULL);
CREATE INDEX ON invoices (organization_id);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invoices FOR ALL TO authenticated USING (is_member(organization_id));
CREATE FUNCTION revenue(p_org_id uuid) RETURNS numeric LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(sum(amount), 0) FROM public.invoices WHERE organization_id = p_org_id $$;
CREATE FUNCTION last_invoice(p_org_id uuid) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT max(issued_at) FROM public.invoices WHERE organization_id = p_org_id $$;
