-- breaks: search_chunks runs with its owner's rights, for any organisation
-- red: RLS-2 KNO-1 FUN-1
ALTER FUNCTION public.search_chunks(uuid, text, integer) SECURITY DEFINER;
