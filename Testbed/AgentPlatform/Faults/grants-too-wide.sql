-- breaks: everything in public is granted to everybody, as a guide for an error message said
-- red: RLS-2 RLS-3 ORG-1 CRD-2 BIL-2 AUD-1 GRT-1 GRT-3
GRANT ALL ON ALL TABLES IN SCHEMA public TO anon, authenticated;
