-- breaks: a member may change his own row, and makes himself the owner
-- red: RLS-2 ORG-1
CREATE POLICY own_row ON public.organization_members FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
