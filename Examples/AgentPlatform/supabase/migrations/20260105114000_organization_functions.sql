-- The one way to an organisation of one's own.
CREATE FUNCTION public.create_organization(p_name text, p_slug text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
  made uuid;
BEGIN
  IF auth.uid() IS NULL THEN
    RAISE EXCEPTION 'sign in first' USING ERRCODE = '42501';
  END IF;
  INSERT INTO public.organizations (name, slug) VALUES (p_name, p_slug) RETURNING id INTO made;
  INSERT INTO public.organization_members (organization_id, user_id, role) VALUES (made, auth.uid(), 'owner');
  INSERT INTO public.subscriptions (organization_id) VALUES (made);
  RETURN made;
END
$$;

-- The token is the proof; only its digest is kept.
CREATE FUNCTION public.accept_invite(p_token text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
  invite public.organization_invites;
BEGIN
  IF auth.uid() IS NULL THEN
    RAISE EXCEPTION 'sign in first' USING ERRCODE = '42501';
  END IF;
  UPDATE public.organization_invites SET accepted_at = now()
  WHERE token_hash = encode(sha256(convert_to(p_token, 'UTF8')), 'hex') AND accepted_at IS NULL AND expires_at > now()
    AND lower(email) = lower(auth.email())
  RETURNING * INTO invite;
  IF invite.id IS NULL THEN
    RAISE EXCEPTION 'no such invite' USING ERRCODE = '42501';
  END IF;
  INSERT INTO public.organization_members (organization_id, user_id, role)
  VALUES (invite.organization_id, auth.uid(), invite.role) ON CONFLICT DO NOTHING;
  RETURN invite.organization_id;
END
$$;

CREATE FUNCTION public.set_member_role(p_organization uuid, p_user uuid, p_role public.organization_role) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
  -- Says no to NULL as well: without a caller the list is empty.
  IF NOT EXISTS (SELECT FROM private.organizations_i_run() o(id) WHERE o.id = p_organization) THEN
    RAISE EXCEPTION 'only its admins may' USING ERRCODE = '42501';
  END IF;
  UPDATE public.organization_members SET role = p_role WHERE organization_id = p_organization AND user_id = p_user;
END
$$;

-- A profile is its owner's; the team sees the name on it, and no more.
CREATE FUNCTION public.organization_team(p_organization uuid)
RETURNS TABLE (user_id uuid, display_name text, role public.organization_role)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM private.my_organizations() o(id) WHERE o.id = p_organization) THEN
    RAISE EXCEPTION 'only its members may' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT m.user_id, p.display_name, m.role
    FROM public.organization_members m LEFT JOIN public.profiles p ON p.id = m.user_id
    WHERE m.organization_id = p_organization;
END
$$;

GRANT EXECUTE ON FUNCTION public.create_organization(text, text), public.accept_invite(text),
  public.set_member_role(uuid, uuid, public.organization_role), public.organization_team(uuid) TO authenticated;
