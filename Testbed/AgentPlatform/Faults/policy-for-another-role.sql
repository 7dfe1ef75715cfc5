-- breaks: the policies of knowledge_bases are for anon, and members get nothing
-- red: RLS-3
ALTER POLICY members ON public.knowledge_bases TO anon;
