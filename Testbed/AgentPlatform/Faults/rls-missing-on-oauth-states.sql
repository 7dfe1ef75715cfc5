-- breaks: oauth_states can be read by everybody who is signed in
-- red: RLS-1 RLS-2 CRD-3
ALTER TABLE public.oauth_states DISABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.oauth_states TO authenticated;
