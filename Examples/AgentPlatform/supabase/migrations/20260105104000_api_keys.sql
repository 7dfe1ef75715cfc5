CREATE TABLE public.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  label text NOT NULL,
  prefix text NOT NULL,
  key_hash text NOT NULL UNIQUE,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_organization ON public.api_keys (organization_id);

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT (id, organization_id, label, prefix, last_used_at, revoked_at, created_at), DELETE
  ON public.api_keys TO authenticated;
GRANT UPDATE (label, revoked_at) ON public.api_keys TO authenticated;
CREATE POLICY admins ON public.api_keys TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()))
  WITH CHECK (organization_id IN (SELECT private.organizations_i_run()));
