-- SECURITY DEFINER, so that a policy on organization_members can ask it without asking itself.
CREATE FUNCTION private.my_organizations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
  SELECT m.organization_id FROM public.organization_members m WHERE m.user_id = auth.uid()
$$;

CREATE FUNCTION private.organizations_i_run() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
  SELECT m.organization_id FROM public.organization_members m
  WHERE m.user_id = auth.uid() AND m.role IN ('owner', 'admin')
$$;

GRANT EXECUTE ON FUNCTION private.my_organizations(), private.organizations_i_run() TO authenticated;
