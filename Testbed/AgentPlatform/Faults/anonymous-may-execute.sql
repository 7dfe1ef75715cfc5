-- breaks: who is not signed in may call create_organization
-- red: FUN-3
GRANT EXECUTE ON FUNCTION public.create_organization(text, text) TO PUBLIC;
