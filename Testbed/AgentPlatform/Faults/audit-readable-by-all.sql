-- breaks: the audit log of every organisation is read by whoever is signed in
-- red: RLS-2 AUD-3
ALTER POLICY admins_read ON public.audit_log USING ((SELECT auth.role()) = 'authenticated');
