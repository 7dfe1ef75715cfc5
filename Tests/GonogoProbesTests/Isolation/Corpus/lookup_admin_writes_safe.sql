-- platform: supabase
-- expect: safe
-- `s.id = auth.uid()` in a subquery is about the staff, and says nothing of the look-up table's own id.
CREATE TABLE staff (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, is_manager boolean NOT NULL DEFAULT false);
CREATE TABLE features (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE);
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE features ENABLE ROW LEVEL SECURITY;
CREATE POLICY self ON staff FOR SELECT TO authenticated USING (id = auth.uid());
CREATE POLICY everybody ON features FOR SELECT TO authenticated USING (true);
CREATE POLICY managers ON features FOR ALL TO authenticated
  USING (EXISTS (SELECT 1 FROM staff s WHERE s.id = auth.uid() AND s.is_manager))
  WITH CHECK (EXISTS (SELECT 1 FROM staff s WHERE s.id = auth.uid() AND s.is_manager));
