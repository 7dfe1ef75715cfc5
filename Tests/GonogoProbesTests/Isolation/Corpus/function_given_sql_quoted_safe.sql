-- The same work, with every argument quoted or passed beside the statement.
-- expect: safe
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
CREATE FUNCTION report(source text, wanted text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF source NOT IN ('memos') THEN RAISE EXCEPTION 'no such source'; END IF;
  RETURN QUERY EXECUTE format('SELECT s.body FROM %I s WHERE tenant_id = $1 AND body LIKE %L', source, wanted)
    USING nullif(current_setting('app.tenant', true), '')::uuid;
END $$;
