-- The same arguments, to functions that look at the caller's own tenant alone.
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
CREATE FUNCTION memo_of(request jsonb) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT to_jsonb(m) FROM public.memos m WHERE m.tenant_id = (request ->> 'tenant_id')::uuid
    AND m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION retitle(change jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  UPDATE public.memos SET body = change ->> 'text' WHERE id = (change ->> 'id')::uuid
    AND tenant_id = nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION memos_by_ids(memo_ids uuid[]) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.memos WHERE id = ANY (memo_ids) AND tenant_id = nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION export_memos(tenant uuid, shape text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant', true), '')::uuid THEN RAISE EXCEPTION 'not yours'; END IF;
  IF shape <> 'lines' THEN RAISE EXCEPTION 'unknown shape'; END IF;
  RETURN (SELECT string_agg(body, chr(10)) FROM public.memos WHERE tenant_id = tenant);
END $$;
CREATE FUNCTION memo_count(tenant uuid) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant', true), '')::uuid THEN RAISE EXCEPTION 'not yours'; END IF;
  RETURN (SELECT count(*) FROM public.memos WHERE tenant_id = tenant);
END $$;
