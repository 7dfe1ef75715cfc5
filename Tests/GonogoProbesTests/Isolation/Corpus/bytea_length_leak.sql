-- platform: plain
-- expect: leak device_keys SELECT member
-- Keys and digests of a given length.
CREATE DOMAIN digest AS bytea CHECK (octet_length(VALUE) = 20);
CREATE TABLE device_keys (
  id int PRIMARY KEY, tenant_id int NOT NULL, public_key bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
  nonce bytea NOT NULL CHECK (octet_length(nonce) BETWEEN 12 AND 24), fingerprint digest NOT NULL);
CREATE INDEX ON device_keys (tenant_id);
ALTER TABLE device_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON device_keys USING (tenant_id = nullif(current_setting('app.tenant', true), '')::int);
CREATE POLICY any_key ON device_keys FOR SELECT USING (length(nonce) > 0);
