-- breaks: members write the counters that they are billed by
-- red: BIL-2
GRANT UPDATE ON public.usage_daily TO authenticated;
CREATE POLICY members_change ON public.usage_daily FOR UPDATE TO authenticated
  USING (organization_id IN (SELECT private.my_organizations()))
  WITH CHECK (organization_id IN (SELECT private.my_organizations()));
