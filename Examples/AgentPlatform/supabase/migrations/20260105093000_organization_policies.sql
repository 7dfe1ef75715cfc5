ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.organization_members ENABLE ROW LEVEL SECURITY;

-- What gives power (is_staff, plan) is in no column that is granted for writing.
GRANT SELECT ON public.profiles TO authenticated;
GRANT UPDATE (display_name, locale) ON public.profiles TO authenticated;
CREATE POLICY own_profile ON public.profiles TO authenticated
  USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));

GRANT SELECT ON public.organizations TO authenticated;
GRANT UPDATE (name, slug) ON public.organizations TO authenticated;
CREATE POLICY members_read ON public.organizations FOR SELECT TO authenticated
  USING (id IN (SELECT private.my_organizations()));
CREATE POLICY admins_rename ON public.organizations FOR UPDATE TO authenticated
  USING (id IN (SELECT private.organizations_i_run()))
  WITH CHECK (id IN (SELECT private.organizations_i_run()));

GRANT SELECT, INSERT, DELETE ON public.organization_members TO authenticated;
GRANT UPDATE (role) ON public.organization_members TO authenticated;
CREATE POLICY members_read ON public.organization_members FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY admins_add ON public.organization_members FOR INSERT TO authenticated
  WITH CHECK (organization_id IN (SELECT private.organizations_i_run()));
CREATE POLICY admins_change ON public.organization_members FOR UPDATE TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()))
  WITH CHECK (organization_id IN (SELECT private.organizations_i_run()));
CREATE POLICY admins_remove ON public.organization_members FOR DELETE TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()));
