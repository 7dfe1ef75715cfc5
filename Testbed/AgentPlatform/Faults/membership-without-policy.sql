-- breaks: row security is on for organization_members, and no policy lets anybody in
-- red: RLS-2 RLS-3 ORG-1 VIW-2
DROP POLICY members_read ON public.organization_members;
DROP POLICY admins_add ON public.organization_members;
DROP POLICY admins_change ON public.organization_members;
DROP POLICY admins_remove ON public.organization_members;
