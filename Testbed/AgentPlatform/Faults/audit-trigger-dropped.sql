-- breaks: changes of agents are not written down
-- red: AUD-2
DROP TRIGGER audit ON public.agents;
