-- breaks: accept_invite finds its tables by its caller's search_path
-- red: FUN-2
ALTER FUNCTION public.accept_invite(text) RESET search_path;
