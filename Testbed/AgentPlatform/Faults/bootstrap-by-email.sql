-- breaks: whoever has signed up with a certain address becomes a member of any organisation
-- red: RLS-2 ORG-1
CREATE POLICY bootstrap ON public.organization_members FOR INSERT TO authenticated
  WITH CHECK ((SELECT auth.jwt()) ->> 'email' = 'founder@agents.example' AND user_id = (SELECT auth.uid()));
