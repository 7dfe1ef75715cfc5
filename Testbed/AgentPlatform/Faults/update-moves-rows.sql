-- breaks: an update hands an API key to another organisation
-- red: RLS-2 CRD-1
GRANT UPDATE (organization_id) ON public.api_keys TO authenticated;
ALTER POLICY admins ON public.api_keys WITH CHECK (true);
