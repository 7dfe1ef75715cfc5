-- breaks: row security is off on usage_daily
-- red: RLS-1 RLS-2 BIL-1
ALTER TABLE public.usage_daily DISABLE ROW LEVEL SECURITY;
