CREATE TABLE public.webhooks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  url text NOT NULL CHECK (url LIKE 'https://%'),
  signing_secret text NOT NULL DEFAULT encode(extensions.gen_random_bytes(32), 'hex'),
  is_enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhooks_organization ON public.webhooks (organization_id);

ALTER TABLE public.webhooks ENABLE ROW LEVEL SECURITY;
GRANT SELECT (id, organization_id, url, is_enabled, created_at), INSERT (organization_id, url, is_enabled), DELETE
  ON public.webhooks TO authenticated;
GRANT UPDATE (url, is_enabled) ON public.webhooks TO authenticated;
CREATE POLICY admins ON public.webhooks TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()))
  WITH CHECK (organization_id IN (SELECT private.organizations_i_run()));
