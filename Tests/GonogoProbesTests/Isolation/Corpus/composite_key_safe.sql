-- platform: plain
-- expect: safe
CREATE TABLE accounts (tenant_id int NOT NULL, id int NOT NULL, name text NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE entries (tenant_id int NOT NULL, id int NOT NULL, account_id int NOT NULL, amount numeric NOT NULL, PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id));
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE entries ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON accounts USING (tenant_id = current_setting('app.tenant', true)::int);
CREATE POLICY a ON entries USING (tenant_id = current_setting('app.tenant', true)::int);
