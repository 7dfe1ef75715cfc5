-- breaks: whoever is signed in writes an invite for any organisation
-- red: RLS-2 ORG-2
CREATE POLICY own_invites ON public.organization_invites FOR INSERT TO authenticated
  WITH CHECK (invited_by = (SELECT auth.uid()));
