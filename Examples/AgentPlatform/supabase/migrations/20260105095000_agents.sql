CREATE TYPE public.agent_status AS ENUM ('draft', 'active', 'archived');

CREATE TABLE public.agents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  name text NOT NULL,
  instructions text NOT NULL DEFAULT '',
  model text NOT NULL DEFAULT 'small',
  temperature numeric(3, 2) NOT NULL DEFAULT 0.7 CHECK (temperature BETWEEN 0 AND 2),
  status public.agent_status NOT NULL DEFAULT 'draft',
  created_by uuid REFERENCES auth.users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (id, organization_id)
);
CREATE INDEX agents_organization ON public.agents (organization_id, created_at DESC);

ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agents TO authenticated;
CREATE POLICY members_read ON public.agents FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY members_add ON public.agents FOR INSERT TO authenticated
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY members_change ON public.agents FOR UPDATE TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()))
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY admins_remove ON public.agents FOR DELETE TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()));
