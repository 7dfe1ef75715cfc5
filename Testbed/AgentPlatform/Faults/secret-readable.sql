-- breaks: the tokens of the CRM are among the columns that admins read
-- red: CRD-2
GRANT SELECT (access_token) ON public.crm_credentials TO authenticated;
