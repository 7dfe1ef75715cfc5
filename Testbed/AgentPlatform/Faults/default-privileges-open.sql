-- breaks: what the next migration makes is open to everybody
-- red: GRT-2
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated;
