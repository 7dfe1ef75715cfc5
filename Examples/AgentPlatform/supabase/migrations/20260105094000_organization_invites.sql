CREATE TABLE public.organization_invites (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  email text NOT NULL,
  role public.organization_role NOT NULL DEFAULT 'member',
  token_hash text NOT NULL UNIQUE,
  invited_by uuid REFERENCES auth.users (id) ON DELETE SET NULL,
  expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
  accepted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organization_invites_organization ON public.organization_invites (organization_id);

ALTER TABLE public.organization_invites ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON public.organization_invites TO authenticated;
CREATE POLICY admins_manage ON public.organization_invites TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()))
  WITH CHECK (organization_id IN (SELECT private.organizations_i_run()) AND role <> 'owner');
