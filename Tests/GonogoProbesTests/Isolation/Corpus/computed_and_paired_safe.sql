-- platform: supabase
-- expect: safe
-- Conditions on a computed column, on two users who must differ, and a key on a part of the rows.
CREATE TABLE halls (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, small integer NOT NULL DEFAULT 0,
  large integer NOT NULL DEFAULT 0, total integer GENERATED ALWAYS AS (small + large) STORED, CONSTRAINT some_table CHECK (total > 0));
CREATE TABLE blocks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  blocked_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, CONSTRAINT nobody_blocks_themselves CHECK (user_id <> blocked_id));
CREATE TABLE requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), hall_id uuid NOT NULL REFERENCES halls ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, state text NOT NULL DEFAULT 'open');
CREATE UNIQUE INDEX one_open ON requests (hall_id, user_id) WHERE state = 'open';
ALTER TABLE halls ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE requests ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON halls TO authenticated USING (user_id = auth.uid());
CREATE POLICY own ON blocks TO authenticated USING (user_id = auth.uid());
CREATE POLICY own ON requests TO authenticated USING (user_id = auth.uid());
