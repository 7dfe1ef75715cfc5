-- breaks: set_member_role asks nobody who he is
-- red: RLS-2 FUN-1
CREATE OR REPLACE FUNCTION public.set_member_role(p_organization uuid, p_user uuid, p_role public.organization_role)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = ''
AS $$
  UPDATE public.organization_members SET role = p_role WHERE organization_id = p_organization AND user_id = p_user
$$;
