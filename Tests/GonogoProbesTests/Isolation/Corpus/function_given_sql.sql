-- Texts that become part of a statement with the owner's rights: a whole query, and a condition.
-- expect: leak report EXECUTE member
-- expect: leak run_query EXECUTE member no-tenant anonymous
-- expect: leak run_command EXECUTE member no-tenant anonymous
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL, handle text UNIQUE);
CREATE TABLE memos (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id), body text NOT NULL, hours integer);
CREATE INDEX ON memos (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE memos ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON tenants FROM shop_app;
GRANT SELECT ON tenants TO shop_app;
CREATE POLICY own ON tenants TO shop_app USING (id = nullif(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY own ON memos TO shop_app USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
CREATE FUNCTION run_query(query text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE answer jsonb;
BEGIN
  EXECUTE 'SELECT jsonb_agg(q) FROM (' || query || ') q' INTO answer;
  RETURN answer;
END $$;
CREATE FUNCTION run_command(command text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN EXECUTE command; END $$;
CREATE FUNCTION report(source text, filter text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT s.body FROM %I s WHERE tenant_id = %L AND %s', source, current_setting('app.tenant', true), filter);
END $$;
