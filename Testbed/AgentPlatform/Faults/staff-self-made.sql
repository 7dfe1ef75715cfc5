-- breaks: is_staff is among the columns of one's own profile that may be written
-- red: RLS-2 ORG-1
GRANT UPDATE ON public.profiles TO authenticated;
