-- breaks: the sums of all organisations are granted to everybody who is signed in
-- red: RLS-2 VIW-2
GRANT SELECT ON private.usage_by_month TO authenticated;
