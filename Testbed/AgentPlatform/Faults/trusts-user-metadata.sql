-- breaks: messages trust a claim that its user edits
-- red: RLS-2 AGT-1
ALTER POLICY members ON public.messages
  USING (organization_id = ((SELECT auth.jwt()) -> 'user_metadata' ->> 'organization_id')::uuid);
