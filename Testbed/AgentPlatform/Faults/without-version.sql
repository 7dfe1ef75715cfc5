-- breaks: a fix without a version in its name, which the tool passes over
-- as: supabase/migrations/fix_rls.sql
-- red: MIG-3
ALTER TABLE public.agents ADD COLUMN color text;
