-- Arguments that no single key fits: an object, a list, a row, a format, a page, a handle.
-- expect: leak memo_of EXECUTE member no-tenant anonymous
-- expect: leak retitle EXECUTE member no-tenant anonymous
-- expect: leak memos_by_ids EXECUTE member no-tenant anonymous
-- expect: leak memos_for EXECUTE member no-tenant anonymous
-- expect: leak export_memos EXECUTE member no-tenant anonymous
-- expect: leak memo_page EXECUTE member no-tenant anonymous
-- expect: leak memos_at EXECUTE member no-tenant anonymous
-- expect: leak total_hours EXECUTE member no-tenant anonymous
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
  SELECT to_jsonb(m) FROM public.memos m WHERE m.tenant_id = (request ->> 'tenant_id')::uuid $$;
CREATE FUNCTION retitle(change jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  UPDATE public.memos SET body = change ->> 'text' WHERE id = (change ->> 'id')::uuid $$;
CREATE FUNCTION memos_by_ids(memo_ids uuid[]) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.memos WHERE id = ANY (memo_ids) $$;
CREATE TYPE memo_filter AS (tenant_id uuid, newest boolean);
CREATE FUNCTION memos_for(filter memo_filter) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.memos WHERE tenant_id = filter.tenant_id $$;
CREATE FUNCTION export_memos(tenant uuid, shape text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF shape <> 'lines' THEN RAISE EXCEPTION 'unknown shape'; END IF;
  RETURN (SELECT string_agg(body, chr(10)) FROM public.memos WHERE tenant_id = tenant);
END $$;
CREATE FUNCTION memo_page(lim integer, off integer) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.memos ORDER BY id DESC LIMIT lim OFFSET off $$;
CREATE FUNCTION memos_at(h text) RETURNS SETOF memos LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT m.* FROM public.memos m JOIN public.tenants t ON t.id = m.tenant_id WHERE t.handle = h $$;
CREATE FUNCTION total_hours(tenant uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT sum(hours) FROM public.memos WHERE tenant_id = tenant $$;
