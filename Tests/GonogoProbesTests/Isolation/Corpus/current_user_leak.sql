-- platform: plain
-- expect: leak books SELECT
CREATE TABLE books (id int PRIMARY KEY, owner name NOT NULL DEFAULT current_user, title text);
ALTER TABLE books ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON books USING (owner = current_user);
CREATE POLICY b ON books FOR SELECT USING (true);
