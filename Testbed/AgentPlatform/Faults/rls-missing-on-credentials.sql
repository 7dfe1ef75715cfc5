-- breaks: crm_credentials has policies, and row security is off
-- red: RLS-1 RLS-2 CRD-1
ALTER TABLE public.crm_credentials DISABLE ROW LEVEL SECURITY;
