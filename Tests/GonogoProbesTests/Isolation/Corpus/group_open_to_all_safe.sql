-- platform: supabase
-- expect: safe
-- Events that anybody sees and joins: who takes part opens nothing, and so nobody is shut out.
CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL);
CREATE TABLE event_participants (
  event_id uuid NOT NULL REFERENCES events ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
  PRIMARY KEY (event_id, user_id));
CREATE INDEX ON event_participants (user_id);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_participants ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON events FOR SELECT TO authenticated USING (true);
CREATE POLICY own ON event_participants FOR ALL TO authenticated USING (user_id = (SELECT auth.uid()));
