-- breaks: whoever is signed in adds himself to any organisation
-- red: RLS-2 ORG-1 ORG-2 AGT-1 KNO-1 CRD-1 BIL-1 AUD-3
ALTER POLICY admins_add ON public.organization_members WITH CHECK (user_id = (SELECT auth.uid()));
