CREATE TABLE public.crm_credentials (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  provider text NOT NULL CHECK (provider IN ('hubspot', 'pipedrive', 'salesforce')),
  account_label text,
  access_token text NOT NULL,
  refresh_token text,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, provider)
);

ALTER TABLE public.crm_credentials ENABLE ROW LEVEL SECURITY;
-- An admin sees that there is a connection, and may end it. The tokens are the server's alone.
GRANT SELECT (id, organization_id, provider, account_label, expires_at, created_at), DELETE
  ON public.crm_credentials TO authenticated;
CREATE POLICY admins_read ON public.crm_credentials FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()));
CREATE POLICY admins_disconnect ON public.crm_credentials FOR DELETE TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()));
