-- breaks: a policy compares a column with itself
-- red: RLS-2 BIL-1
ALTER POLICY members_read ON public.subscriptions
  USING (EXISTS (SELECT FROM public.organizations o WHERE organization_id = subscriptions.organization_id)
    OR organization_id = organization_id);
