/// What a Supabase project has before its first migration: roles, schemas, the tables of Auth, Storage and Realtime that
/// migrations refer to, and the default privileges of `public`, as the images of Supabase's PostgreSQL 15 lay them.
enum SupabasePlatform {
  /// Roles, which belong to the whole server. In the order of making; each with its attributes.
  static let roles: [(name: String, attributes: String)] = [
    ("anon", "NOLOGIN NOINHERIT"), ("authenticated", "NOLOGIN NOINHERIT"),
    ("service_role", "NOLOGIN NOINHERIT BYPASSRLS"),
    ("authenticator", "LOGIN NOINHERIT"), ("supabase_admin", "LOGIN CREATEROLE CREATEDB REPLICATION BYPASSRLS"),
    ("supabase_auth_admin", "LOGIN NOINHERIT CREATEROLE"), ("supabase_storage_admin", "LOGIN NOINHERIT CREATEROLE"),
    ("supabase_functions_admin", "LOGIN NOINHERIT CREATEROLE"), ("supabase_realtime_admin", "NOLOGIN NOINHERIT"),
    ("supabase_replication_admin", "LOGIN REPLICATION"), ("supabase_read_only_user", "LOGIN BYPASSRLS"),
    ("dashboard_user", "NOLOGIN CREATEDB CREATEROLE REPLICATION"), ("pgbouncer", "LOGIN"),
    ("postgres", "LOGIN CREATEROLE CREATEDB BYPASSRLS"),
  ]

  /// Extensions that are there from the beginning, each in its schema.
  static let extensions = [
    ("uuid-ossp", "extensions"), ("pgcrypto", "extensions"), ("pg_stat_statements", "extensions"),
    ("pgjwt", "extensions"),
    ("pg_net", "extensions"), ("pg_cron", "pg_catalog"), ("supabase_vault", "vault"), ("pg_graphql", "graphql"),
  ]

  /// Before the extensions.
  static let schemas = """
    CREATE SCHEMA IF NOT EXISTS extensions; CREATE SCHEMA IF NOT EXISTS auth; CREATE SCHEMA IF NOT EXISTS storage;
    CREATE SCHEMA IF NOT EXISTS realtime; CREATE SCHEMA IF NOT EXISTS _realtime; CREATE SCHEMA IF NOT EXISTS graphql;
    CREATE SCHEMA IF NOT EXISTS graphql_public; CREATE SCHEMA IF NOT EXISTS vault; CREATE SCHEMA IF NOT EXISTS pgsodium;
    CREATE SCHEMA IF NOT EXISTS supabase_functions; CREATE SCHEMA IF NOT EXISTS supabase_migrations;
    GRANT anon, authenticated, service_role TO authenticator;
    GRANT anon, authenticated, service_role TO postgres;
    GRANT supabase_storage_admin TO authenticator;
    GRANT CREATE, USAGE ON SCHEMA public TO postgres;
    GRANT USAGE ON SCHEMA public TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON TABLES TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON FUNCTIONS TO postgres, anon, authenticated, service_role;
    ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON SEQUENCES TO postgres, anon, authenticated, service_role;
    GRANT USAGE ON SCHEMA extensions, auth, storage, realtime, graphql, graphql_public TO postgres, anon, authenticated, service_role;
    GRANT USAGE ON SCHEMA vault TO postgres, service_role;
    """

  /// After the extensions.
  static let objects = auth + storage + rest

  private static let auth = """
    CREATE TYPE auth.factor_type AS ENUM ('totp', 'webauthn', 'phone');
    CREATE TYPE auth.factor_status AS ENUM ('unverified', 'verified');
    CREATE TYPE auth.aal_level AS ENUM ('aal1', 'aal2', 'aal3');
    CREATE TYPE auth.code_challenge_method AS ENUM ('s256', 'plain');
    CREATE TYPE auth.one_time_token_type AS ENUM ('confirmation_token', 'reauthentication_token', 'recovery_token', 'email_change_token_new',
      'email_change_token_current', 'phone_change_token');
    CREATE TABLE auth.users (
      instance_id uuid, id uuid NOT NULL PRIMARY KEY, aud varchar(255), role varchar(255), email varchar(255), encrypted_password varchar(255),
      email_confirmed_at timestamptz, invited_at timestamptz, confirmation_token varchar(255), confirmation_sent_at timestamptz,
      recovery_token varchar(255), recovery_sent_at timestamptz, email_change_token_new varchar(255), email_change varchar(255),
      email_change_sent_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean,
      created_at timestamptz, updated_at timestamptz, phone text DEFAULT NULL UNIQUE, phone_confirmed_at timestamptz, phone_change text DEFAULT '',
      phone_change_token varchar(255) DEFAULT '', phone_change_sent_at timestamptz,
      confirmed_at timestamptz GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED,
      email_change_token_current varchar(255) DEFAULT '', email_change_confirm_status smallint DEFAULT 0 CHECK (email_change_confirm_status BETWEEN 0 AND 2),
      banned_until timestamptz, reauthentication_token varchar(255) DEFAULT '', reauthentication_sent_at timestamptz,
      is_sso_user boolean NOT NULL DEFAULT false, deleted_at timestamptz, is_anonymous boolean NOT NULL DEFAULT false);
    CREATE UNIQUE INDEX users_email_partial_key ON auth.users (email) WHERE is_sso_user = false;
    CREATE INDEX users_instance_id_idx ON auth.users (instance_id);
    CREATE TABLE auth.identities (
      provider_id text NOT NULL, user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE, identity_data jsonb NOT NULL, provider text NOT NULL,
      last_sign_in_at timestamptz, created_at timestamptz, updated_at timestamptz,
      email text GENERATED ALWAYS AS (lower(identity_data ->> 'email')) STORED, id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
      UNIQUE (provider_id, provider));
    CREATE TABLE auth.sessions (
      id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE, created_at timestamptz, updated_at timestamptz,
      factor_id uuid, aal auth.aal_level, not_after timestamptz, refreshed_at timestamp, user_agent text, ip inet, tag text);
    CREATE TABLE auth.refresh_tokens (
      instance_id uuid, id bigserial PRIMARY KEY, token varchar(255) UNIQUE, user_id varchar(255), revoked boolean, created_at timestamptz,
      updated_at timestamptz, parent varchar(255), session_id uuid REFERENCES auth.sessions (id) ON DELETE CASCADE);
    CREATE TABLE auth.mfa_factors (
      id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE, friendly_name text,
      factor_type auth.factor_type NOT NULL, status auth.factor_status NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
      secret text, phone text, last_challenged_at timestamptz UNIQUE, web_authn_credential jsonb, web_authn_aaguid uuid);
    CREATE TABLE auth.mfa_challenges (
      id uuid NOT NULL PRIMARY KEY, factor_id uuid NOT NULL REFERENCES auth.mfa_factors (id) ON DELETE CASCADE, created_at timestamptz NOT NULL,
      verified_at timestamptz, ip_address inet NOT NULL, otp_code text, web_authn_session_data jsonb);
    CREATE TABLE auth.mfa_amr_claims (
      session_id uuid NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
      authentication_method text NOT NULL, id uuid NOT NULL PRIMARY KEY, UNIQUE (session_id, authentication_method));
    CREATE TABLE auth.one_time_tokens (
      id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE, token_type auth.one_time_token_type NOT NULL,
      token_hash text NOT NULL CHECK (char_length(token_hash) > 0), relates_to text NOT NULL, created_at timestamp NOT NULL DEFAULT now(),
      updated_at timestamp NOT NULL DEFAULT now());
    CREATE TABLE auth.flow_state (
      id uuid NOT NULL PRIMARY KEY, user_id uuid, auth_code text NOT NULL, code_challenge_method auth.code_challenge_method NOT NULL,
      code_challenge text NOT NULL, provider_type text NOT NULL, provider_access_token text, provider_refresh_token text, created_at timestamptz,
      updated_at timestamptz, authentication_method text NOT NULL, auth_code_issued_at timestamptz);
    CREATE TABLE auth.sso_providers (id uuid NOT NULL PRIMARY KEY, resource_id text, created_at timestamptz, updated_at timestamptz);
    CREATE TABLE auth.sso_domains (id uuid NOT NULL PRIMARY KEY, sso_provider_id uuid NOT NULL REFERENCES auth.sso_providers (id) ON DELETE CASCADE,
      domain text NOT NULL, created_at timestamptz, updated_at timestamptz);
    CREATE TABLE auth.saml_providers (id uuid NOT NULL PRIMARY KEY, sso_provider_id uuid NOT NULL REFERENCES auth.sso_providers (id) ON DELETE CASCADE,
      entity_id text NOT NULL UNIQUE, metadata_xml text NOT NULL, metadata_url text, attribute_mapping jsonb, created_at timestamptz, updated_at timestamptz,
      name_id_format text);
    CREATE TABLE auth.audit_log_entries (instance_id uuid, id uuid NOT NULL PRIMARY KEY, payload json, created_at timestamptz, ip_address varchar(64) NOT NULL DEFAULT '');
    CREATE TABLE auth.instances (id uuid NOT NULL PRIMARY KEY, uuid uuid, raw_base_config text, created_at timestamptz, updated_at timestamptz);
    CREATE TABLE auth.schema_migrations (version varchar(255) NOT NULL PRIMARY KEY);

    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
      SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $$;
    CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'))::text $$;
    CREATE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT coalesce(nullif(current_setting('request.jwt.claim.email', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'))::text $$;
    CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auth TO PUBLIC;
    GRANT ALL ON ALL TABLES IN SCHEMA auth TO postgres, dashboard_user;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA auth TO postgres, dashboard_user;
    DO $$ DECLARE t record; BEGIN
      FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'auth'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE auth.%I ENABLE ROW LEVEL SECURITY', t.relname);
      END LOOP; END $$;

    """

  private static let storage = """
    CREATE TYPE storage.buckettype AS ENUM ('STANDARD', 'ANALYTICS');
    CREATE TABLE storage.buckets (
      id text NOT NULL PRIMARY KEY, name text NOT NULL UNIQUE, owner uuid, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
      public boolean DEFAULT false, avif_autodetection boolean DEFAULT false, file_size_limit bigint, allowed_mime_types text[], owner_id text,
      type storage.buckettype NOT NULL DEFAULT 'STANDARD');
    CREATE TABLE storage.objects (
      id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY, bucket_id text REFERENCES storage.buckets (id), name text, owner uuid,
      created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), last_accessed_at timestamptz DEFAULT now(), metadata jsonb,
      path_tokens text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED, version text, owner_id text, user_metadata jsonb, level integer);
    CREATE UNIQUE INDEX bucketid_objname ON storage.objects (bucket_id, name);
    CREATE INDEX name_prefix_search ON storage.objects (name text_pattern_ops);
    CREATE TABLE storage.migrations (id integer PRIMARY KEY, name varchar(100) NOT NULL UNIQUE, hash varchar(40) NOT NULL, executed_at timestamp DEFAULT now());
    CREATE TABLE storage.s3_multipart_uploads (id text PRIMARY KEY, in_progress_size bigint NOT NULL DEFAULT 0, upload_signature text NOT NULL,
      bucket_id text NOT NULL REFERENCES storage.buckets (id), key text COLLATE "C" NOT NULL, version text NOT NULL, owner_id text,
      created_at timestamptz NOT NULL DEFAULT now(), user_metadata jsonb);
    CREATE TABLE storage.s3_multipart_uploads_parts (id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
      upload_id text NOT NULL REFERENCES storage.s3_multipart_uploads (id) ON DELETE CASCADE, size bigint NOT NULL DEFAULT 0, part_number integer NOT NULL,
      bucket_id text NOT NULL REFERENCES storage.buckets (id), key text COLLATE "C" NOT NULL, etag text NOT NULL, owner_id text, version text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now());
    ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
    ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
    ALTER TABLE storage.migrations ENABLE ROW LEVEL SECURITY;
    ALTER TABLE storage.s3_multipart_uploads ENABLE ROW LEVEL SECURITY;
    ALTER TABLE storage.s3_multipart_uploads_parts ENABLE ROW LEVEL SECURITY;
    CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE _parts text[]; BEGIN
      SELECT string_to_array(name, '/') INTO _parts; RETURN _parts[1 : array_length(_parts, 1) - 1]; END $$;
    CREATE FUNCTION storage.filename(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE _parts text[]; BEGIN
      SELECT string_to_array(name, '/') INTO _parts; RETURN _parts[array_length(_parts, 1)]; END $$;
    CREATE FUNCTION storage.extension(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE _parts text[]; _filename text; BEGIN
      SELECT string_to_array(name, '/') INTO _parts; SELECT _parts[array_length(_parts, 1)] INTO _filename;
      RETURN reverse(split_part(reverse(_filename), '.', 1)); END $$;
    CREATE FUNCTION storage.search(prefix text, bucketname text, limits integer DEFAULT 100, levels integer DEFAULT 1, offsets integer DEFAULT 0,
      search text DEFAULT '', sortcolumn text DEFAULT 'name', sortorder text DEFAULT 'asc')
      RETURNS TABLE (name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb)
      LANGUAGE sql STABLE AS $$ SELECT o.name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata FROM storage.objects o
      WHERE o.bucket_id = bucketname AND o.name LIKE prefix || '%' ORDER BY o.name LIMIT limits OFFSET offsets $$;
    CREATE FUNCTION storage.update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
    CREATE TRIGGER update_objects_updated_at BEFORE UPDATE ON storage.objects FOR EACH ROW EXECUTE FUNCTION storage.update_updated_at_column();
    GRANT ALL ON storage.buckets, storage.objects TO anon, authenticated, service_role, postgres;
    GRANT ALL ON ALL TABLES IN SCHEMA storage TO service_role, postgres;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA storage TO PUBLIC;

    """

  private static let rest = """
    CREATE PUBLICATION supabase_realtime;
    CREATE TABLE realtime.messages (topic text NOT NULL, extension text NOT NULL, payload jsonb, event text, private boolean DEFAULT false,
      updated_at timestamp NOT NULL DEFAULT now(), inserted_at timestamp NOT NULL DEFAULT now(), id uuid NOT NULL DEFAULT gen_random_uuid(),
      PRIMARY KEY (id, inserted_at)) PARTITION BY RANGE (inserted_at);
    ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY;
    CREATE TABLE realtime.subscription (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subscription_id uuid NOT NULL, entity regclass NOT NULL,
      claims jsonb NOT NULL, created_at timestamp NOT NULL DEFAULT timezone('utc', now()));
    CREATE TABLE realtime.schema_migrations (version bigint NOT NULL PRIMARY KEY, inserted_at timestamp);
    CREATE FUNCTION realtime.topic() RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('realtime.topic', true), '')::text $$;
    CREATE FUNCTION realtime.send(payload jsonb, event text, topic text, private boolean DEFAULT true) RETURNS void LANGUAGE sql AS $$ SELECT $$;
    CREATE FUNCTION realtime.broadcast_changes(topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
      level text DEFAULT 'ROW') RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
    GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA realtime TO PUBLIC;
    CREATE FUNCTION graphql_public.graphql("operationName" text DEFAULT NULL, query text DEFAULT NULL, variables jsonb DEFAULT NULL, extensions jsonb DEFAULT NULL)
      RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RETURN graphql.resolve(query, coalesce(variables, '{}'), "operationName", extensions); END $$;
    CREATE TABLE supabase_functions.hooks (id bigserial PRIMARY KEY, hook_table_id integer NOT NULL, hook_name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(), request_id bigint);
    CREATE TABLE supabase_functions.migrations (version text PRIMARY KEY, inserted_at timestamptz NOT NULL DEFAULT now());
    CREATE FUNCTION supabase_functions.http_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$;
    GRANT USAGE ON SCHEMA supabase_functions TO postgres, anon, authenticated, service_role;
    CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
    CREATE TABLE supabase_migrations.seed_files (path text PRIMARY KEY, hash text NOT NULL);
    """
}
