CREATE VIEW public.agent_overview WITH (security_invoker = true) AS
  SELECT a.organization_id, a.id AS agent_id, a.name, a.status, count(c.id) AS conversations,
    max(c.created_at) AS last_conversation_at
  FROM public.agents a LEFT JOIN public.conversations c ON c.agent_id = a.id
  GROUP BY a.organization_id, a.id, a.name, a.status;

CREATE VIEW public.team_directory WITH (security_invoker = true) AS
  SELECT m.organization_id, m.user_id, m.role, m.joined_at FROM public.organization_members m;

GRANT SELECT ON public.agent_overview, public.team_directory TO authenticated;

-- Row security does not hold a materialised view: it is the server's alone, and not in a schema that is served.
CREATE MATERIALIZED VIEW private.usage_by_month AS
  SELECT organization_id, date_trunc('month', day)::date AS month, sum(messages) AS messages, sum(tokens) AS tokens
  FROM public.usage_daily GROUP BY 1, 2;
REVOKE ALL ON private.usage_by_month FROM PUBLIC, anon, authenticated;
GRANT SELECT ON private.usage_by_month TO service_role;
