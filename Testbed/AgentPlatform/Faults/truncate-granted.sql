-- breaks: members may TRUNCATE messages, and no policy holds that
-- red: GRT-3
GRANT TRUNCATE ON public.messages TO authenticated;
