-- breaks: an admin sets the plan of the organisation, unpaid
-- red: BIL-2
GRANT UPDATE (plan) ON public.organizations TO authenticated;
