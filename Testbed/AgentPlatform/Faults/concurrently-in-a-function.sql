-- breaks: an index is built CONCURRENTLY, which the deployment's function can never do
-- red: MIG-2
CREATE INDEX CONCURRENTLY messages_created ON public.messages (created_at);
