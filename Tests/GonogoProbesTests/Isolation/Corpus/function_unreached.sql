-- Definer functions of which no call shows anything, not even to the tenant's own people: named, and neither passed nor accused.
-- expect: unproven public.memos_by_digest(text)
-- expect: unproven public.purge(text, text)
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
CREATE FUNCTION memos_by_digest(digest text) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.memos WHERE md5('memo' || id::text) = digest $$;
CREATE FUNCTION purge(kind text, word text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF md5(word) <> 'd41d8cd98f00b204e9800998ecf8427e' THEN RETURN; END IF;
  EXECUTE 'DELETE FROM ' || kind;
END $$;
