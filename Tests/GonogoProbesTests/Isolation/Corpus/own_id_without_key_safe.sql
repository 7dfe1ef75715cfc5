-- platform: supabase
-- expect: safe
-- The account's id is the user's, and no foreign key says so: only the policy does, with the name in `uid` before it.
CREATE TABLE accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON accounts FOR SELECT TO authenticated USING ((SELECT auth.uid()) = id);
CREATE POLICY change ON accounts FOR UPDATE TO authenticated USING ((SELECT auth.uid()) = id);
