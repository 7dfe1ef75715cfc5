CREATE TABLE public.conversations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  agent_id uuid NOT NULL,
  channel text NOT NULL DEFAULT 'web' CHECK (channel IN ('web', 'telegram', 'email')),
  title text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (id, organization_id),
  -- With the organisation in the key, a conversation cannot name another organisation's agent.
  FOREIGN KEY (agent_id, organization_id) REFERENCES public.agents (id, organization_id) ON DELETE CASCADE
);
CREATE INDEX conversations_organization ON public.conversations (organization_id, created_at DESC);
CREATE INDEX conversations_agent ON public.conversations (agent_id);

CREATE TABLE public.messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  author text NOT NULL CHECK (author IN ('user', 'assistant', 'system')),
  content text NOT NULL,
  tokens integer NOT NULL DEFAULT 0 CHECK (tokens >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (conversation_id, organization_id) REFERENCES public.conversations (id, organization_id) ON DELETE CASCADE
);
CREATE INDEX messages_organization ON public.messages (organization_id);
CREATE INDEX messages_conversation ON public.messages (conversation_id, id);

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.conversations TO authenticated;
-- What was said stays said.
GRANT SELECT, INSERT ON public.messages TO authenticated;
CREATE POLICY members ON public.conversations TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()))
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
CREATE POLICY members ON public.messages TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()))
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
