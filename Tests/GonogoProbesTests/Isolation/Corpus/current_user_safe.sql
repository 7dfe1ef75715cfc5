-- platform: plain
-- expect: safe
CREATE TABLE books (id int PRIMARY KEY, owner name NOT NULL DEFAULT current_user, title text);
ALTER TABLE books ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON books USING (owner = current_user);
