-- breaks: a policy names members, and the table is called organization_members: the whole migration is taken back
-- red: MIG-1 MIG-2
CREATE TABLE public.agent_tools (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  name text NOT NULL
);
CREATE INDEX agent_tools_organization ON public.agent_tools (organization_id);
ALTER TABLE public.agent_tools ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_tools TO authenticated;
CREATE POLICY members ON public.agent_tools TO authenticated
  USING (organization_id IN (SELECT m.organization_id FROM public.members m WHERE m.user_id = auth.uid()));
