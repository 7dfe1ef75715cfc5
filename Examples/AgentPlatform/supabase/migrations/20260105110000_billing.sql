CREATE TABLE public.plans (
  id text PRIMARY KEY,
  title text NOT NULL,
  monthly_cents integer NOT NULL CHECK (monthly_cents >= 0),
  messages_per_month integer NOT NULL
);
INSERT INTO public.plans VALUES
  ('free', 'Free', 0, 500), ('team', 'Team', 4900, 20000), ('business', 'Business', 19900, 200000);

CREATE TABLE public.subscriptions (
  organization_id uuid PRIMARY KEY REFERENCES public.organizations (id) ON DELETE CASCADE,
  plan_id text NOT NULL DEFAULT 'free' REFERENCES public.plans (id),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('trialing', 'active', 'past_due', 'canceled')),
  renews_at timestamptz
);

CREATE TABLE public.usage_daily (
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  day date NOT NULL,
  messages integer NOT NULL DEFAULT 0 CHECK (messages >= 0),
  tokens bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
  PRIMARY KEY (organization_id, day)
);

ALTER TABLE public.plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.usage_daily ENABLE ROW LEVEL SECURITY;
-- The price list is for everybody. What was used and paid is written by the server alone.
GRANT SELECT ON public.plans TO anon, authenticated;
CREATE POLICY price_list ON public.plans FOR SELECT TO anon, authenticated USING (true);
GRANT SELECT ON public.subscriptions, public.usage_daily TO authenticated;
CREATE POLICY members_read ON public.subscriptions FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY members_read ON public.usage_daily FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()));
