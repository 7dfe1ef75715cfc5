-- breaks: a policy asks who is signed in for each row
-- red: PRF-2
ALTER POLICY own_profile ON public.profiles USING (id = auth.uid()) WITH CHECK (id = auth.uid());
