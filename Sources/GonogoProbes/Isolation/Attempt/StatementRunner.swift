import GonogoCore

/// Runs many statements in one exchange: a PL/pgSQL block gives each a subtransaction of its own.
struct StatementRunner {
  let connection: IsolationConnection

  struct InsertReply {
    let code: String
    let message: String
    let constraint: String
    let text: String?
  }

  /// Runs statements that each give a text; what succeeds stays.
  ///
  /// - Parameter bypass: with triggers and foreign keys off.
  func insert(_ statements: [JSON], bypass: Bool) throws(IsolationFailure) -> [InsertReply] {
    if statements.isEmpty { return [] }
    var replies: [InsertReply] = []
    var place = 0
    while place < statements.count {
      let part = Array(statements[place..<min(place + 400, statements.count)])
      place += part.count
      let body = """
        DECLARE a jsonb; code text; msg text; con text; row_text text; results text[] := '{}';
        BEGIN
          FOR a IN SELECT * FROM jsonb_array_elements(\(SQLText.dollar(JSON.array(part).canonicalString))::jsonb) LOOP
            code := '00000'; msg := ''; con := ''; row_text := NULL;
            BEGIN
              IF position('RETURNING' IN a->>0) > 0 THEN EXECUTE a->>0 INTO row_text; ELSE EXECUTE a->>0; END IF;
            EXCEPTION WHEN OTHERS THEN
              GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, msg = MESSAGE_TEXT, con = CONSTRAINT_NAME;
            END;
            results := results || jsonb_build_array(code, msg, con, row_text)::text;
          END LOOP;
          PERFORM set_config('gonogo.result', '[' || array_to_string(results, ',') || ']', true);
        END
        """
      let mode = bypass ? "SET LOCAL session_replication_role = replica;" : ""
      let end = bypass ? "; SET LOCAL session_replication_role = origin" : ""
      let rows = try connection.run("\(mode) DO \(Self.block(body)); SELECT current_setting('gonogo.result')\(end)")
      for item in (try? JSON.parse(Array((rows.first?.first ?? "[]")!.utf8)))?.arrayValue ?? [] {
        replies.append(
          InsertReply(
            code: item[0]?.stringValue ?? "", message: item[1]?.stringValue ?? "",
            constraint: item[2]?.stringValue ?? "",
            text: item[3]?.stringValue))
      }
    }
    return replies
  }

  static func block(_ body: String) -> String {
    var tag = "gonogo_block"
    while body.contains("$\(tag)$") { tag += "x" }
    return "$\(tag)$\(body)$\(tag)$"
  }

  /// The rows of a query that may fail; `nil` where it did. Nothing of it stays.
  func rows(_ query: String) throws(IsolationFailure) -> [[String?]]? {
    try connection.run("SAVEPOINT gonogo_rows")
    do throws(IsolationFailure) {
      let rows = try connection.run(query)
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_rows")
      return rows
    } catch {
      guard case .refused = error else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_rows")
      return nil
    }
  }

  /// Runs attempts, each in a subtransaction that is undone.
  func attempt(_ groups: [(principal: Principal, attempts: [Attempt])], timeout: Int) throws(IsolationFailure)
    -> [AttemptResult]
  {
    if groups.allSatisfy({ $0.attempts.isEmpty }) { return [] }
    let input = JSON.array(
      groups.map { group in
        [
          "r": .string(group.principal.role),
          "g": .array(group.principal.settings.map { [.string($0.name), .string($0.value)] }),
          "a": .array(group.attempts.map(\.json)),
        ]
      })
    let body = """
      DECLARE
        grp jsonb; a jsonb; s jsonb; n bigint; harm bigint; code text; msg text; con text; phase text; bare boolean; reached boolean; harmless boolean;
        results text[] := '{}';
      BEGIN
        FOR grp IN SELECT * FROM jsonb_array_elements(\(SQLText.dollar(input.canonicalString))::jsonb) LOOP
          BEGIN
            FOR s IN SELECT * FROM jsonb_array_elements(grp->'g') LOOP PERFORM set_config(s->>0, s->>1, true); END LOOP;
            reached := false; harmless := false;
            FOR a IN SELECT * FROM jsonb_array_elements(grp->'a') LOOP
              bare := false;
              IF a ? 'f' AND NOT reached OR a ? 'q' AND harmless THEN
                reached := false;
                results := results || '["00000","","","a",0,0,false]'::text;
                CONTINUE;
              END IF;
              LOOP
                n := NULL; harm := 0; code := '00000'; msg := ''; con := '';
                BEGIN
                  phase := 'p';
                  IF a ? 'p' THEN EXECUTE a->>'p'; END IF;
                  IF bare THEN PERFORM set_config('session_replication_role', 'replica', true); END IF;
                  phase := 'a';
                  IF a ? 'w' THEN
                    PERFORM set_config('role', grp->>'r', true);
                    EXECUTE a->>'w';
                  ELSIF NOT a ? 'o' THEN
                    PERFORM set_config('role', grp->>'r', true);
                  END IF;
                  IF a ? 'n' THEN EXECUTE a->>'s'; GET DIAGNOSTICS n = ROW_COUNT; ELSE EXECUTE a->>'s' INTO n; END IF;
                  PERFORM set_config('role', 'none', true);
                  phase := 'c';
                  IF a ? 'c' AND (n > 0 OR NOT a ? 'z') THEN EXECUTE a->>'c' INTO harm; END IF;
                  RAISE EXCEPTION SQLSTATE 'GNG01';
                EXCEPTION WHEN SQLSTATE 'GNG01' THEN NULL;
                  WHEN OTHERS THEN
                    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, msg = MESSAGE_TEXT, con = CONSTRAINT_NAME;
                END;
                EXIT WHEN code <> '23503' OR phase <> 'a' OR bare OR NOT a ? 'x';
                bare := true;
              END LOOP;
              harmless := a ? 'b' AND code = '00000' AND harm = 0;
              IF a ? 'k' THEN reached := code = '00000' AND n > 0; END IF;
              results := results || jsonb_build_array(code, msg, con, phase, n, harm, bare)::text;
            END LOOP;
            RAISE EXCEPTION SQLSTATE 'GNG02';
          EXCEPTION WHEN SQLSTATE 'GNG02' THEN NULL;
          END;
        END LOOP;
        PERFORM set_config('gonogo.result', '[' || array_to_string(results, ',') || ']', true);
      END
      """
    do throws(IsolationFailure) {
      let rows = try connection.run(
        """
        SAVEPOINT gonogo_batch; SET LOCAL statement_timeout = \(timeout); DO \(Self.block(body));
        SELECT current_setting('gonogo.result'); ROLLBACK TO SAVEPOINT gonogo_batch
        """)
      let items = (try? JSON.parse(Array((rows.first?.first ?? "[]")!.utf8)))?.arrayValue ?? []
      let attempts = groups.flatMap(\.attempts)
      guard items.count == attempts.count else { throw IsolationFailure.lost("the answers do not match the attempts") }
      return zip(attempts, items).map { attempt, item in
        AttemptResult(
          attempt: attempt, code: item[0]?.stringValue ?? "", message: item[1]?.stringValue ?? "",
          constraint: item[2]?.stringValue ?? "", phase: item[3]?.stringValue ?? "", rows: item[4]?.integerValue ?? 0,
          harm: item[5]?.integerValue ?? 0, bare: item[6]?.boolValue ?? false)
      }
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_batch")
      // One slow statement takes its whole batch with it: the halves tell which it was.
      let count = groups.reduce(0) { $0 + $1.attempts.count }
      if count == 1, let attempt = groups.first(where: { !$0.attempts.isEmpty })?.attempts.first {
        return [
          AttemptResult(
            attempt: attempt, code: refusal.code, message: refusal.message, constraint: "", phase: "a", rows: 0,
            harm: 0,
            bare: false)
        ]
      }
      var first: [(principal: Principal, attempts: [Attempt])] = []
      var second: [(principal: Principal, attempts: [Attempt])] = []
      var taken = 0
      for group in groups {
        let room = max(0, min(group.attempts.count, count / 2 - taken))
        taken += room
        if room > 0 { first.append((group.principal, Array(group.attempts.prefix(room)))) }
        if room < group.attempts.count { second.append((group.principal, Array(group.attempts.dropFirst(room)))) }
      }
      let limit = max(timeout / 4, 1000)
      return try attempt(first, timeout: limit) + attempt(second, timeout: limit)
    }
  }
}
