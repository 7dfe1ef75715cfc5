-- breaks: the log says that something was changed, and not by whom
-- red: AUD-2
CREATE OR REPLACE FUNCTION private.write_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
  changed jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  INSERT INTO public.audit_log (organization_id, action, entity, entity_id)
  SELECT o.id, lower(TG_OP), TG_TABLE_NAME, changed ->> 'id'
  FROM public.organizations o WHERE o.id = (changed ->> 'organization_id')::uuid;
  RETURN NULL;
END
$$;
