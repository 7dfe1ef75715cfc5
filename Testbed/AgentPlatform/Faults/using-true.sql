-- breaks: whoever is signed in reads every agent
-- red: RLS-2 AGT-1 VIW-2
ALTER POLICY members_read ON public.agents USING (true);
