-- breaks: a second policy beside a strict one: the two are joined by OR
-- red: RLS-2 KNO-1
CREATE POLICY signed_in_read ON public.documents FOR SELECT TO authenticated USING ((SELECT auth.uid()) IS NOT NULL);
