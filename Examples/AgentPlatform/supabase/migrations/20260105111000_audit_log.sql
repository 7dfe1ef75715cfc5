CREATE TABLE public.audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  actor_id uuid,
  action text NOT NULL,
  entity text NOT NULL,
  entity_id text,
  before jsonb,
  after jsonb,
  request_id text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_organization ON public.audit_log (organization_id, created_at DESC);

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.audit_log TO authenticated;
CREATE POLICY admins_read ON public.audit_log FOR SELECT TO authenticated
  USING (organization_id IN (SELECT private.organizations_i_run()));
-- Not even the server changes what is written.
REVOKE UPDATE, DELETE, TRUNCATE ON public.audit_log FROM service_role;

CREATE FUNCTION private.write_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'access_token' - 'refresh_token' END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'access_token' - 'refresh_token' END;
BEGIN
  INSERT INTO public.audit_log (organization_id, actor_id, action, entity, entity_id, before, after, request_id)
  SELECT o.id, auth.uid(), lower(TG_OP), TG_TABLE_NAME, coalesce(new_row, old_row) ->> 'id', old_row, new_row,
    nullif(current_setting('app.request_id', true), '')
  FROM public.organizations o WHERE o.id = (coalesce(new_row, old_row) ->> 'organization_id')::uuid;
  RETURN NULL;
END
$$;
