-- breaks: a job whose organisation nobody set sees the queues of all
-- red: WRK-1
ALTER POLICY own_organization ON worker.jobs
  USING (coalesce(nullif(current_setting('app.organization_id', true), '')::uuid = organization_id, true));
