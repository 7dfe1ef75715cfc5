-- Nothing is open until a migration opens it: Supabase grants everything in public to everybody by default.
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions;

ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM anon, authenticated;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM anon, authenticated;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON FUNCTIONS FROM anon, authenticated;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Helpers of the policies. The REST interface does not serve this schema.
CREATE SCHEMA private;
GRANT USAGE ON SCHEMA private TO authenticated, service_role;
