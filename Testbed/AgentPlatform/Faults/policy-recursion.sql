-- breaks: the policy of organization_members asks organization_members
-- red: RLS-2 RLS-3 ORG-1 VIW-2
DROP POLICY members_read ON public.organization_members;
CREATE POLICY members_read ON public.organization_members FOR SELECT TO authenticated
  USING (organization_id IN (SELECT m.organization_id FROM public.organization_members m WHERE m.user_id = (SELECT auth.uid())));
