-- A definer function whose only figures and texts stand in columns that may be NULL.
-- expect: leak costs_above EXECUTE member no-tenant anonymous
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE costs (
  id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id), amount integer, remark text, paid_at timestamptz
);
CREATE INDEX ON costs (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE costs ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON tenants FROM shop_app;
GRANT SELECT ON tenants TO shop_app;
CREATE POLICY own ON tenants TO shop_app USING (id = nullif(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY own ON costs TO shop_app USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
CREATE FUNCTION costs_above(lowest integer) RETURNS TABLE (amount integer, remark text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.amount, c.remark FROM public.costs c WHERE c.amount >= lowest AND c.remark ILIKE '%' AND c.paid_at IS NULL
$$;
