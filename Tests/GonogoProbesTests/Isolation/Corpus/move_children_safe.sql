-- platform: plain
-- expect: safe
-- What has children stays where it is, and so does what has none.
CREATE TABLE projects (id int PRIMARY KEY, tenant_id int NOT NULL, name text NOT NULL, UNIQUE (tenant_id, id));
CREATE TABLE tasks (
  id int PRIMARY KEY, tenant_id int NOT NULL, project_id int NOT NULL, title text NOT NULL,
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id));
CREATE INDEX ON tasks (tenant_id);
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON projects USING (tenant_id = nullif(current_setting('app.tenant', true), '')::int)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::int);
CREATE POLICY own ON tasks USING (tenant_id = nullif(current_setting('app.tenant', true), '')::int);
