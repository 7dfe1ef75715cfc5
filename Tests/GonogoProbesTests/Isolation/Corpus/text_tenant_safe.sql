-- platform: plain
-- expect: safe
CREATE TABLE invoices (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id text NOT NULL, amount int NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON invoices USING (tenant_id = current_setting('app.current_tenant', true));
