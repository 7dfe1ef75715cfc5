-- breaks: the one policy of conversations is FOR UPDATE: nobody sees what he may change
-- red: RLS-2 RLS-3 AGT-1
DROP POLICY members ON public.conversations;
CREATE POLICY members ON public.conversations FOR UPDATE TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()))
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
