-- breaks: the worker owns its queue, and no policy holds it
-- red: WRK-1
ALTER TABLE worker.jobs NO FORCE ROW LEVEL SECURITY;
