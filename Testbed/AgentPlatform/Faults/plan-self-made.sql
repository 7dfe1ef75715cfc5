-- breaks: an admin sets the plan of the organisation, unpaid
-- red: RLS-2 ORG-1 BIL-2
GRANT UPDATE (plan) ON public.organizations TO authenticated;
