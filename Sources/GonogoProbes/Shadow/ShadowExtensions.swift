import GonogoCore

/// Extensions that a migration names and this server does not have.
///
/// Each is laid as a row of pg_extension with the objects that a schema refers to, so that `CREATE EXTENSION IF NOT EXISTS`,
/// `DROP EXTENSION` and a look into the catalogue behave as with the real one. What the objects compute is theirs only
/// where that is said.
enum ShadowExtensions {
  /// The version in pg_extension that tells a stub from a real one.
  static let version = "stub"

  struct Stub: Sendable {
    /// The schema it insists on.
    var schema: String?
    /// Run with the extension's schema first on the search_path.
    let sql: String
  }

  /// Index methods of extensions: such an index is left out.
  static let indexMethods: Set<String> = [
    "ivfflat", "hnsw", "diskann", "vchordrq", "rum", "pgroonga", "bm25", "zombodb", "columnstore",
  ]

  /// Whether a missing operator class or index method is a stub's lack, and not the migration's.
  static func isOurs(_ message: String) -> Bool {
    guard message.contains("operator class") || message.contains("access method") else { return false }
    return ["vector", "halfvec", "bit_hamming", "bit_jaccard", "geometry", "geography"].contains {
      message.contains($0)
    }
  }

  static let stubs: [String: Stub] = [
    "vector": Stub(sql: vector), "postgis": Stub(sql: postgis), "pg_net": Stub(sql: net),
    "pg_cron": Stub(schema: "pg_catalog", sql: cron), "pgjwt": Stub(sql: jwt),
    "pgsodium": Stub(schema: "pgsodium", sql: sodium),
    "supabase_vault": Stub(schema: "vault", sql: vault), "pg_graphql": Stub(schema: "graphql", sql: graphql),
    "http": Stub(sql: http), "pgmq": Stub(schema: "pgmq", sql: messageQueue), "timescaledb": Stub(sql: timescale),
    "pg_jsonschema": Stub(sql: jsonSchema), "pg_hashids": Stub(sql: hashids), "pg_uuidv7": Stub(sql: uuid7),
    "moddatetime": Stub(sql: modificationTime), "pg_stat_statements": Stub(sql: statistics),
  ]

  /// A function that stands, and says what it is when it is called.
  private static func absent(_ signature: String, _ result: String, _ name: String) -> String {
    """
    CREATE FUNCTION \(signature) RETURNS \(result) LANGUAGE plpgsql AS $stub$ BEGIN
      RAISE EXCEPTION 'the extension \(name) is stubbed in this shadow database' USING ERRCODE = '0A000'; END $stub$;

    """
  }

  /// A type with the text representation of the real one: a text with a type modifier that is kept and not enforced.
  private static func type(
    _ name: String, modifierIn: String = "varchartypmodin", modifierOut: String = "varchartypmodout"
  )
    -> String
  {
    """
    CREATE TYPE \(name);
    CREATE FUNCTION \(name)_in(cstring) RETURNS \(name) LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
    CREATE FUNCTION \(name)_out(\(name)) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
    CREATE FUNCTION \(name)_recv(internal) RETURNS \(name) LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textrecv';
    CREATE FUNCTION \(name)_send(\(name)) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textsend';
    CREATE FUNCTION \(name)_typmod_in(cstring[]) RETURNS int4 LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS '\(modifierIn)';
    CREATE FUNCTION \(name)_typmod_out(int4) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS '\(modifierOut)';
    CREATE TYPE \(name) (INPUT = \(name)_in, OUTPUT = \(name)_out, RECEIVE = \(name)_recv, SEND = \(name)_send,
      TYPMOD_IN = \(name)_typmod_in, TYPMOD_OUT = \(name)_typmod_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
    CREATE CAST (\(name) AS text) WITHOUT FUNCTION AS ASSIGNMENT;
    CREATE CAST (text AS \(name)) WITHOUT FUNCTION AS ASSIGNMENT;

    """
  }

  /// pgvector: distances are computed as it computes them; the number of dimensions is not enforced.
  private static let vector: String = {
    var sql = ""
    for name in ["vector", "halfvec"] {
      sql += type(name)
      sql += """
        CREATE FUNCTION \(name)_to_float4(v \(name), integer DEFAULT -1, boolean DEFAULT false) RETURNS real[] LANGUAGE sql
          IMMUTABLE STRICT AS $$ SELECT string_to_array(btrim(v::text, '[] '), ',')::real[] $$;
        CREATE FUNCTION array_to_\(name)(a real[], integer, boolean) RETURNS \(name) LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT ('[' || array_to_string(a, ',') || ']')::\(name) $$;
        CREATE FUNCTION array_to_\(name)(a double precision[], integer, boolean) RETURNS \(name) LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT ('[' || array_to_string(a, ',') || ']')::\(name) $$;
        CREATE CAST (\(name) AS real[]) WITH FUNCTION \(name)_to_float4(\(name), integer, boolean) AS IMPLICIT;
        CREATE CAST (real[] AS \(name)) WITH FUNCTION array_to_\(name)(real[], integer, boolean) AS ASSIGNMENT;
        CREATE CAST (double precision[] AS \(name)) WITH FUNCTION array_to_\(name)(double precision[], integer, boolean) AS ASSIGNMENT;
        CREATE FUNCTION l2_distance(a \(name), b \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT sqrt(sum((x - y) ^ 2)) FROM unnest(a::real[], b::real[]) u(x, y) $$;
        CREATE FUNCTION l1_distance(a \(name), b \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT sum(abs(x - y)) FROM unnest(a::real[], b::real[]) u(x, y) $$;
        CREATE FUNCTION inner_product(a \(name), b \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT sum(x * y) FROM unnest(a::real[], b::real[]) u(x, y) $$;
        CREATE FUNCTION \(name)_negative_inner_product(a \(name), b \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT -sum(x * y) FROM unnest(a::real[], b::real[]) u(x, y) $$;
        CREATE FUNCTION cosine_distance(a \(name), b \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT 1 - sum(x * y) / nullif(sqrt(sum(x * x)) * sqrt(sum(y * y)), 0) FROM unnest(a::real[], b::real[]) u(x, y) $$;
        CREATE FUNCTION vector_dims(a \(name)) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT cardinality(a::real[]) $$;
        CREATE FUNCTION vector_norm(a \(name)) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
          AS $$ SELECT sqrt(sum(x * x)) FROM unnest(a::real[]) x $$;
        CREATE FUNCTION \(name)_eq(a \(name), b \(name)) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a::real[] = b::real[] $$;
        CREATE FUNCTION \(name)_ne(a \(name), b \(name)) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a::real[] <> b::real[] $$;
        CREATE OPERATOR <-> (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = l2_distance, COMMUTATOR = <->);
        CREATE OPERATOR <+> (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = l1_distance, COMMUTATOR = <+>);
        CREATE OPERATOR <#> (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = \(name)_negative_inner_product, COMMUTATOR = <#>);
        CREATE OPERATOR <=> (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = cosine_distance, COMMUTATOR = <=>);
        CREATE OPERATOR = (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = \(name)_eq, COMMUTATOR = =);
        CREATE OPERATOR <> (LEFTARG = \(name), RIGHTARG = \(name), FUNCTION = \(name)_ne, COMMUTATOR = <>);

        """
    }
    return sql + type("sparsevec")
  }()

  /// PostGIS: the types stand, and so do the functions that schemas and policies call most; they give NULL.
  private static let postgis: String = {
    // varchartypmodin takes numbers only; array_ndims takes any list of modifiers, and makes 1 of it.
    var sql = ["geometry", "geography"].map { type($0, modifierIn: "array_ndims") }.joined()
    sql += "CREATE CAST (geometry AS geography) WITHOUT FUNCTION AS IMPLICIT;\n"
    sql += "CREATE CAST (geography AS geometry) WITHOUT FUNCTION;\n"
    sql +=
      "CREATE TABLE spatial_ref_sys (srid integer PRIMARY KEY, auth_name varchar(256), auth_srid integer, srtext varchar(2048), proj4text varchar(2048));\n"
    func null(_ signature: String, _ result: String) {
      sql += "CREATE FUNCTION \(signature) RETURNS \(result) LANGUAGE sql IMMUTABLE AS $$ SELECT NULL::\(result) $$;\n"
    }
    null("st_makepoint(double precision, double precision)", "geometry")
    null("st_point(double precision, double precision)", "geometry")
    null("st_point(double precision, double precision, integer)", "geometry")
    null("st_setsrid(geometry, integer)", "geometry")
    null("st_geomfromtext(text)", "geometry")
    null("st_geomfromtext(text, integer)", "geometry")
    null("st_geogfromtext(text)", "geography")
    null("st_geomfromgeojson(text)", "geometry")
    null(
      "st_makeenvelope(double precision, double precision, double precision, double precision, integer DEFAULT 0)",
      "geometry")
    for name in ["geometry", "geography"] {
      null("st_distance(\(name), \(name))", "double precision")
      null("st_dwithin(\(name), \(name), double precision)", "boolean")
      null("st_intersects(\(name), \(name))", "boolean")
      null("st_astext(\(name))", "text")
      null("st_asgeojson(\(name))", "text")
      null("st_area(\(name))", "double precision")
      null("st_length(\(name))", "double precision")
      null("st_buffer(\(name), double precision)", name)
    }
    for name in ["st_contains", "st_within", "st_equals"] { null("\(name)(geometry, geometry)", "boolean") }
    null("st_x(geometry)", "double precision")
    null("st_y(geometry)", "double precision")
    null("st_centroid(geometry)", "geometry")
    null("st_transform(geometry, integer)", "geometry")
    return sql
  }()

  private static let net = """
    CREATE SCHEMA IF NOT EXISTS net;
    CREATE TABLE IF NOT EXISTS net.http_request_queue (id bigserial PRIMARY KEY, method text, url text, headers jsonb, body bytea, timeout_milliseconds integer);
    CREATE TABLE IF NOT EXISTS net._http_response (id bigint, status_code integer, content_type text, headers jsonb, content text,
      timed_out boolean, error_msg text, created timestamptz NOT NULL DEFAULT now());
    CREATE FUNCTION net.http_get(url text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', timeout_milliseconds integer DEFAULT 5000)
      RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = net AS $$
      INSERT INTO net.http_request_queue (method, url, headers, timeout_milliseconds) VALUES ('GET', url, headers, timeout_milliseconds) RETURNING id $$;
    CREATE FUNCTION net.http_post(url text, body jsonb DEFAULT '{}', params jsonb DEFAULT '{}', headers jsonb DEFAULT '{"Content-Type": "application/json"}',
      timeout_milliseconds integer DEFAULT 5000) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = net AS $$
      INSERT INTO net.http_request_queue (method, url, headers, body, timeout_milliseconds)
      VALUES ('POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds) RETURNING id $$;
    CREATE FUNCTION net.http_delete(url text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', timeout_milliseconds integer DEFAULT 5000)
      RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = net AS $$
      INSERT INTO net.http_request_queue (method, url, headers, timeout_milliseconds) VALUES ('DELETE', url, headers, timeout_milliseconds) RETURNING id $$;
    """

  private static let cron = """
    CREATE SCHEMA IF NOT EXISTS cron;
    CREATE TABLE cron.job (jobid bigserial PRIMARY KEY, schedule text NOT NULL, command text NOT NULL, nodename text NOT NULL DEFAULT 'localhost',
      nodeport integer NOT NULL DEFAULT 5432, database text NOT NULL DEFAULT current_database(), username text NOT NULL DEFAULT CURRENT_USER,
      active boolean NOT NULL DEFAULT true, jobname text, UNIQUE (jobname, username));
    CREATE TABLE cron.job_run_details (jobid bigint, runid bigserial PRIMARY KEY, job_pid integer, database text, username text, command text,
      status text, return_message text, start_time timestamptz, end_time timestamptz);
    CREATE FUNCTION cron.schedule(schedule text, command text) RETURNS bigint LANGUAGE sql AS $$
      INSERT INTO cron.job (schedule, command) VALUES (schedule, command) RETURNING jobid $$;
    CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS $$
      INSERT INTO cron.job (jobname, schedule, command) VALUES (job_name, schedule, command)
      ON CONFLICT (jobname, username) DO UPDATE SET schedule = EXCLUDED.schedule, command = EXCLUDED.command RETURNING jobid $$;
    CREATE FUNCTION cron.schedule_in_database(job_name text, schedule text, command text, database text, username text DEFAULT NULL,
      active boolean DEFAULT true) RETURNS bigint LANGUAGE sql AS $$
      INSERT INTO cron.job (jobname, schedule, command, database, active) VALUES (job_name, schedule, command, database, active) RETURNING jobid $$;
    CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM cron.job WHERE jobid = job_id;
      IF NOT FOUND THEN RAISE EXCEPTION 'could not find valid entry for job %', job_id; END IF; RETURN true; END $$;
    CREATE FUNCTION cron.unschedule(job_name text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM cron.job WHERE jobname = job_name;
      IF NOT FOUND THEN RAISE EXCEPTION 'could not find valid entry for job ''%''', job_name; END IF; RETURN true; END $$;
    CREATE FUNCTION cron.alter_job(job_id bigint, schedule text DEFAULT NULL, command text DEFAULT NULL, database text DEFAULT NULL,
      username text DEFAULT NULL, active boolean DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
      UPDATE cron.job j SET schedule = coalesce($2, j.schedule), command = coalesce($3, j.command), active = coalesce($6, j.active) WHERE jobid = $1 $$;
    """

  private static let jwt =
    absent("sign(payload json, secret text, algorithm text DEFAULT 'HS256')", "text", "pgjwt")
    + absent(
      "verify(token text, secret text, algorithm text DEFAULT 'HS256', OUT header json, OUT payload json, OUT valid boolean)",
      "record",
      "pgjwt")
    + absent("url_encode(data bytea)", "text", "pgjwt") + absent("url_decode(data text)", "bytea", "pgjwt")

  private static let sodium =
    """
    CREATE TABLE pgsodium.key (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status text DEFAULT 'valid', created timestamptz NOT NULL DEFAULT now(),
      expires timestamptz, key_type text, key_id bigserial, key_context bytea DEFAULT '\\x7067736f6469756d', name text UNIQUE,
      associated_data text DEFAULT 'associated', comment text, user_data text);
    CREATE VIEW pgsodium.valid_key AS SELECT id, name, status, key_type, key_id, key_context, created, expires, associated_data
      FROM pgsodium.key WHERE status IN ('valid', 'default') AND coalesce(expires > now(), true);
    CREATE FUNCTION pgsodium.create_key(key_type text DEFAULT 'aead-det', name text DEFAULT NULL, associated_data text DEFAULT '',
      expires timestamptz DEFAULT NULL) RETURNS pgsodium.valid_key LANGUAGE plpgsql AS $$ DECLARE r pgsodium.valid_key; BEGIN
      INSERT INTO pgsodium.key (key_type, name, associated_data, expires) VALUES ($1, $2, $3, $4);
      SELECT * INTO r FROM pgsodium.valid_key ORDER BY key_id DESC LIMIT 1; RETURN r; END $$;
    CREATE FUNCTION pgsodium.randombytes_buf(size integer) RETURNS bytea LANGUAGE sql AS
      $$ SELECT decode(string_agg(lpad(to_hex((random() * 255)::int), 2, '0'), ''), 'hex') FROM generate_series(1, size) $$;

    """
    + absent(
      "pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea DEFAULT NULL)",
      "bytea", "pgsodium")
    + absent(
      "pgsodium.crypto_aead_det_decrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea DEFAULT NULL)",
      "bytea", "pgsodium")
    + absent(
      "pgsodium.derive_key(key_id bigint, key_len integer DEFAULT 32, context bytea DEFAULT '')", "bytea", "pgsodium")

  /// Secrets are kept as they are given: the shadow has none but those that migrations hold in plain sight.
  private static let vault = """
    CREATE TABLE vault.secrets (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, description text NOT NULL DEFAULT '', secret text NOT NULL,
      key_id uuid, nonce bytea, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
    CREATE UNIQUE INDEX secrets_name_idx ON vault.secrets (name) WHERE name IS NOT NULL;
    CREATE VIEW vault.decrypted_secrets AS SELECT id, name, description, secret, secret AS decrypted_secret, key_id, nonce, created_at, updated_at
      FROM vault.secrets;
    CREATE FUNCTION vault.create_secret(new_secret text, new_name text DEFAULT NULL, new_description text DEFAULT '', new_key_id uuid DEFAULT NULL)
      RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
      INSERT INTO vault.secrets (secret, name, description, key_id) VALUES ($1, $2, $3, $4) RETURNING id $$;
    CREATE FUNCTION vault.update_secret(secret_id uuid, new_secret text DEFAULT NULL, new_name text DEFAULT NULL, new_description text DEFAULT NULL,
      new_key_id uuid DEFAULT NULL) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
      UPDATE vault.secrets SET secret = coalesce($2, secret), name = coalesce($3, name), description = coalesce($4, description), updated_at = now()
      WHERE id = $1 $$;
    """

  private static let graphql =
    absent(
      "graphql.resolve(query text, variables jsonb DEFAULT '{}', \"operationName\" text DEFAULT NULL, extensions jsonb DEFAULT NULL)",
      "jsonb",
      "pg_graphql")

  private static let http =
    """
    CREATE TYPE http_header AS (field varchar, value varchar);
    CREATE TYPE http_response AS (status integer, content_type varchar, headers http_header[], content varchar);
    CREATE TYPE http_request AS (method varchar, uri varchar, headers http_header[], content_type varchar, content varchar);
    CREATE FUNCTION http_header(field varchar, value varchar) RETURNS http_header LANGUAGE sql AS $$ SELECT $1, $2 $$;

    """
    + [
      "http(request http_request)", "http_get(uri varchar)", "http_get(uri varchar, data jsonb)",
      "http_post(uri varchar, content varchar, content_type varchar)", "http_post(uri varchar, data jsonb)",
      "http_put(uri varchar, content varchar, content_type varchar)",
      "http_patch(uri varchar, content varchar, content_type varchar)", "http_delete(uri varchar)",
      "http_delete(uri varchar, content varchar, content_type varchar)", "http_head(uri varchar)",
    ].map { signature in
      // Nothing is asked of anybody: the answer is an empty one, so that a trigger which calls out lets its row pass.
      "CREATE FUNCTION \(signature) RETURNS http_response LANGUAGE sql AS $$ SELECT ROW(200, 'application/json', ARRAY[]::http_header[], '{}')::http_response $$;\n"
    }.joined()
      + """
      CREATE FUNCTION http_set_curlopt(curlopt varchar, value varchar) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
      CREATE FUNCTION http_reset_curlopt() RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;

      """ + absent("urlencode(string varchar)", "text", "http")

  /// pgmq: queues are made as it makes them; messages are sent, read and archived, without its visibility timeout.
  private static let messageQueue = """
    CREATE TABLE pgmq.meta (queue_name varchar UNIQUE NOT NULL, is_partitioned boolean NOT NULL DEFAULT false, is_unlogged boolean NOT NULL DEFAULT false,
      created_at timestamptz NOT NULL DEFAULT now());
    CREATE TYPE pgmq.message_record AS (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb);
    CREATE FUNCTION pgmq.create(queue_name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO pgmq.meta (queue_name) VALUES ($1) ON CONFLICT DO NOTHING;
      EXECUTE format('CREATE TABLE IF NOT EXISTS pgmq.%I (msg_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, read_ct integer NOT NULL DEFAULT 0,
        enqueued_at timestamptz NOT NULL DEFAULT now(), vt timestamptz NOT NULL DEFAULT now(), message jsonb)', 'q_' || queue_name);
      EXECUTE format('CREATE TABLE IF NOT EXISTS pgmq.%I (msg_id bigint PRIMARY KEY, read_ct integer NOT NULL DEFAULT 0,
        enqueued_at timestamptz NOT NULL DEFAULT now(), archived_at timestamptz NOT NULL DEFAULT now(), vt timestamptz NOT NULL DEFAULT now(), message jsonb)', 'a_' || queue_name);
      END $$;
    CREATE FUNCTION pgmq.send(queue_name text, msg jsonb, delay integer DEFAULT 0) RETURNS SETOF bigint LANGUAGE plpgsql AS $$ BEGIN
      RETURN QUERY EXECUTE format('INSERT INTO pgmq.%I (message) VALUES ($1) RETURNING msg_id', 'q_' || queue_name) USING msg; END $$;
    CREATE FUNCTION pgmq.read(queue_name text, vt integer, qty integer) RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $$ BEGIN
      RETURN QUERY EXECUTE format('SELECT msg_id, read_ct, enqueued_at, vt, message FROM pgmq.%I ORDER BY msg_id LIMIT $1', 'q_' || queue_name) USING qty; END $$;
    CREATE FUNCTION pgmq.pop(queue_name text) RETURNS SETOF pgmq.message_record LANGUAGE plpgsql AS $$ BEGIN
      RETURN QUERY EXECUTE format('DELETE FROM pgmq.%1$I WHERE msg_id = (SELECT min(msg_id) FROM pgmq.%1$I) RETURNING msg_id, read_ct, enqueued_at, vt, message',
        'q_' || queue_name); END $$;
    CREATE FUNCTION pgmq.delete(queue_name text, msg_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN
      EXECUTE format('DELETE FROM pgmq.%I WHERE msg_id = $1', 'q_' || queue_name) USING msg_id; GET DIAGNOSTICS n = ROW_COUNT; RETURN n > 0; END $$;
    CREATE FUNCTION pgmq.archive(queue_name text, msg_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN
      EXECUTE format('WITH d AS (DELETE FROM pgmq.%I WHERE msg_id = $1 RETURNING msg_id, vt, read_ct, enqueued_at, message)
        INSERT INTO pgmq.%I (msg_id, vt, read_ct, enqueued_at, message) SELECT * FROM d', 'q_' || queue_name, 'a_' || queue_name) USING msg_id;
      GET DIAGNOSTICS n = ROW_COUNT; RETURN n > 0; END $$;
    CREATE FUNCTION pgmq.drop_queue(queue_name text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      EXECUTE format('DROP TABLE IF EXISTS pgmq.%I, pgmq.%I', 'q_' || queue_name, 'a_' || queue_name);
      DELETE FROM pgmq.meta m WHERE m.queue_name = drop_queue.queue_name; RETURN FOUND; END $$;
    """

  /// TimescaleDB: a hypertable is the plain table it was; time_bucket computes as the real one from its default origin.
  private static let timescale = """
    CREATE FUNCTION create_hypertable(relation regclass, time_column_name name, partitioning_column name DEFAULT NULL, number_partitions integer DEFAULT NULL,
      associated_schema_name name DEFAULT NULL, associated_table_prefix name DEFAULT NULL, chunk_time_interval anyelement DEFAULT NULL::bigint,
      create_default_indexes boolean DEFAULT true, if_not_exists boolean DEFAULT false, migrate_data boolean DEFAULT false)
      RETURNS TABLE (hypertable_id integer, schema_name name, table_name name, created boolean) LANGUAGE sql AS $$
      SELECT 1, n.nspname, c.relname, true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation $$;
    CREATE FUNCTION add_retention_policy(relation regclass, drop_after anyelement, if_not_exists boolean DEFAULT false) RETURNS integer
      LANGUAGE sql AS $$ SELECT 1 $$;
    CREATE FUNCTION add_compression_policy(hypertable regclass, compress_after anyelement, if_not_exists boolean DEFAULT false) RETURNS integer
      LANGUAGE sql AS $$ SELECT 1 $$;
    CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS
      $$ SELECT date_bin(bucket_width, ts, '2000-01-03 00:00:00+00') $$;
    CREATE FUNCTION time_bucket(bucket_width interval, ts timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
      $$ SELECT date_bin(bucket_width, ts, '2000-01-03 00:00:00') $$;
    """

  private static let jsonSchema =
    absent("json_matches_schema(schema json, instance json)", "boolean", "pg_jsonschema")
    + absent("jsonb_matches_schema(schema json, instance jsonb)", "boolean", "pg_jsonschema")

  private static let hashids =
    absent("id_encode(bigint, text DEFAULT '', integer DEFAULT 0)", "text", "pg_hashids")
    + absent("id_decode(text, text DEFAULT '', integer DEFAULT 0)", "bigint[]", "pg_hashids")

  private static let uuid7 = """
    CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
      SELECT encode(set_byte(set_byte(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        6, (get_byte(uuid_send(gen_random_uuid()), 6) & 15) | 112), 8, (get_byte(uuid_send(gen_random_uuid()), 8) & 63) | 128), 'hex')::uuid $$;
    """

  private static let modificationTime = """
    CREATE FUNCTION moddatetime() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      NEW := jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], now())); RETURN NEW; END $$;
    """

  private static let statistics = """
    CREATE VIEW pg_stat_statements AS SELECT NULL::oid AS userid, NULL::oid AS dbid, NULL::bigint AS queryid, NULL::text AS query, 0::bigint AS calls,
      0::double precision AS total_exec_time, 0::double precision AS mean_exec_time, 0::bigint AS rows WHERE false;
    CREATE FUNCTION pg_stat_statements_reset(userid oid DEFAULT 0, dbid oid DEFAULT 0, queryid bigint DEFAULT 0) RETURNS void LANGUAGE sql AS $$ SELECT $$;
    """

  /// The SQL that lays a stub: its row in pg_extension, its objects, and their membership, so that DROP EXTENSION takes them.
  static func laying(_ name: String, schema given: String?) -> String {
    let stub = stubs[name]
    let schema = stub?.schema ?? given
    let literal = PostgresSQL.literal(name)
    // The extension's own number comes first: everything with a higher one, made in this one statement list, is its.
    let find =
      schema.map { "(SELECT oid FROM pg_namespace WHERE nspname = \(PostgresSQL.literal($0)))" }
      ?? "coalesce((SELECT oid FROM pg_namespace WHERE nspname = current_schema()), 'public'::regnamespace::oid)"
    var sql = ""
    if let schema, schema != "pg_catalog" { sql += "CREATE SCHEMA IF NOT EXISTS \(PostgresSQL.identifier(schema));\n" }
    sql += """
      INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
        SELECT pg_nextoid('pg_extension', 'oid', 'pg_extension_oid_index'), \(literal), r.oid, \(find), false, '\(version)'
        FROM pg_roles r WHERE r.rolname = current_user;

      """
    guard let stub else { return sql }
    if let schema, schema != "pg_catalog" {
      sql +=
        "SELECT set_config('search_path', \(PostgresSQL.literal(PostgresSQL.identifier(schema))) || ', ' || current_setting('search_path'), true);\n"
    }
    sql += stub.sql
    sql += """

      INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
        SELECT o.classid, o.objid, 0, 'pg_extension'::regclass, e.oid, 0, 'e' FROM pg_extension e CROSS JOIN LATERAL (
          SELECT 'pg_class'::regclass::oid, oid FROM pg_class WHERE oid > e.oid AND relkind IN ('r', 'v', 'S')
          UNION ALL SELECT 'pg_proc'::regclass::oid, oid FROM pg_proc WHERE oid > e.oid
          UNION ALL SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
            WHERE t.oid > e.oid AND t.typelem = 0 AND (c.oid IS NULL OR c.relkind = 'c')
          UNION ALL SELECT 'pg_operator'::regclass::oid, oid FROM pg_operator WHERE oid > e.oid
          UNION ALL SELECT 'pg_cast'::regclass::oid, oid FROM pg_cast WHERE oid > e.oid
        ) o(classid, objid) WHERE e.extname = \(literal)
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.classid AND d.objid = o.objid AND d.deptype IN ('i', 'e'));

      """
    return sql
  }
}
