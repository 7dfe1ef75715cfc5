-- breaks: the guard is NULL for who is not signed in, and never fires; and he may call it
-- red: RLS-2 FUN-1 FUN-3
CREATE OR REPLACE FUNCTION public.organization_team(p_organization uuid)
RETURNS TABLE (user_id uuid, display_name text, role public.organization_role)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
  IF auth.uid() <> ALL (SELECT m.user_id FROM public.organization_members m WHERE m.organization_id = p_organization) THEN
    RAISE EXCEPTION 'only its members may' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT m.user_id, p.display_name, m.role
    FROM public.organization_members m LEFT JOIN public.profiles p ON p.id = m.user_id
    WHERE m.organization_id = p_organization;
END
$$;
GRANT EXECUTE ON FUNCTION public.organization_team(uuid) TO anon;
