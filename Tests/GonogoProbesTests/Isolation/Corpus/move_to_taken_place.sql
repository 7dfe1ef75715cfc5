-- platform: plain
-- expect: leak settings UPDATE member
-- One row a tenant: that the other has one already is all that stops it.
CREATE TABLE settings (id int PRIMARY KEY, tenant_id int NOT NULL UNIQUE, colour text NOT NULL);
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON settings FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant', true), '')::int);
CREATE POLICY own_update ON settings FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant', true), '')::int)
  WITH CHECK (colour <> '');
