-- platform: plain
-- expect: leak things SELECT UPDATE
CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL UNIQUE);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY own ON users USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE TYPE mood AS ENUM ('public', 'private');
CREATE TYPE spot AS (x int, y text);
CREATE DOMAIN slug AS text CHECK (VALUE ~ '^[a-z][a-z0-9_]{2,11}$');
CREATE DOMAIN percent AS numeric CHECK (VALUE >= 10 AND VALUE <= 20);
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE things (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, mood mood NOT NULL, spot spot NOT NULL,
  slug slug NOT NULL UNIQUE, share percent NOT NULL, tags text[] NOT NULL CHECK (cardinality(tags) > 0), during tstzrange NOT NULL,
  price numeric(5,2) NOT NULL CHECK (price > 100 AND price < 200), net numeric GENERATED ALWAYS AS (price * 0.8) STORED,
  code char(2) NOT NULL CHECK (code ~ '^[A-Z]{2}$'), kind text NOT NULL CHECK (kind = ANY (ARRAY['one', 'two'])),
  meta jsonb NOT NULL CHECK (jsonb_typeof(meta) = 'array'), starts date NOT NULL, ends date NOT NULL, CHECK (ends > starts),
  address inet NOT NULL, mac macaddr NOT NULL, raw bytea NOT NULL, bits bit(4) NOT NULL, at time NOT NULL, span interval NOT NULL,
  slots int4multirange NOT NULL, words tsvector NOT NULL, place point NOT NULL, doc xml, url text NOT NULL CHECK (url LIKE 'https://%'),
  email text NOT NULL CHECK (email ~* '^[^@]+@[^@]+$'), EXCLUDE USING gist (tenant_id WITH =, during WITH &&));
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON things USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY b ON things FOR SELECT USING (mood = 'private');
CREATE POLICY c ON things FOR UPDATE USING (share < 100) WITH CHECK (true);
