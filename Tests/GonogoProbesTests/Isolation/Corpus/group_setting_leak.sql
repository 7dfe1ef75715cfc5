-- platform: plain
-- expect: leak room_members UPDATE member
-- Rooms of an application that says who asks by a setting: a member raises its own role in its room.
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE rooms (id int PRIMARY KEY, topic text NOT NULL);
CREATE TABLE room_members (
  room_id int NOT NULL REFERENCES rooms, user_id int NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('member', 'admin')), PRIMARY KEY (room_id, user_id));
CREATE TABLE messages (id int PRIMARY KEY, room_id int NOT NULL REFERENCES rooms, body text NOT NULL);
CREATE FUNCTION in_room(r int, admins boolean) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.room_members m WHERE m.room_id = r
    AND m.user_id = nullif(current_setting('app.user_id', true), '')::int AND (m.role = 'admin' OR NOT admins)) $$;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE rooms ENABLE ROW LEVEL SECURITY;
ALTER TABLE room_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY self ON users USING (id = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY read ON rooms FOR SELECT USING (in_room(id, false));
CREATE POLICY edit ON rooms FOR UPDATE USING (in_room(id, true));
CREATE POLICY read ON room_members FOR SELECT USING (in_room(room_id, false));
CREATE POLICY manage ON room_members FOR ALL USING (in_room(room_id, true));
CREATE POLICY self ON room_members FOR UPDATE USING (user_id = nullif(current_setting('app.user_id', true), '')::int)
  WITH CHECK (in_room(room_id, false) AND user_id = nullif(current_setting('app.user_id', true), '')::int);
CREATE POLICY all_in_room ON messages USING (in_room(room_id, false));
