-- breaks: row security is off on organization_invites
-- red: RLS-1 RLS-2 ORG-2
ALTER TABLE public.organization_invites DISABLE ROW LEVEL SECURITY;
