-- platform: plain
-- expect: safe
CREATE TABLE jobs (id int PRIMARY KEY, tenant_id int NOT NULL, body text);
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON jobs USING (tenant_id = current_setting('app.tenant_id', true)::int);
