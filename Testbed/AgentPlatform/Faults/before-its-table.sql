-- breaks: a migration is numbered before the one that makes its table
-- as: supabase/migrations/20260104090000_agent_color.sql
-- red: MIG-1 MIG-2
ALTER TABLE public.agents ADD COLUMN color text;
