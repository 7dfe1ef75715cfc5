-- platform: plain
-- expect: safe
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE bills (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, amount int NOT NULL);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE bills ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON customers USING (id = current_setting('app.customer_id', true)::int);
CREATE POLICY a ON bills USING (customer_id = current_setting('app.customer_id', true)::int);
