-- breaks: invites are shown to all who are signed in, with their address
-- red: RLS-2 ORG-2
CREATE POLICY invited ON public.organization_invites FOR SELECT TO authenticated USING (accepted_at IS NULL);
