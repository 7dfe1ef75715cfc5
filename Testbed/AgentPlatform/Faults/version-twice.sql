-- breaks: two migrations have one version: one of them is never applied
-- as: supabase/migrations/20260105120000_agent_color.sql
-- red: MIG-3
ALTER TABLE public.agents ADD COLUMN color text;
