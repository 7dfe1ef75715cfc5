import GonogoCore

/// Runs many statements in one exchange: a PL/pgSQL block gives each a subtransaction of its own.
struct StatementRunner {
  let connection: IsolationConnection
  /// Milliseconds that one statement may take at the most, whatever an attempt is given.
  var limit = Int.max
  /// Statements before each batch of attempts, undone with it.
  var guarding = ""

  struct InsertReply {
    let code: String
    let message: String
    let constraint: String
    let text: String?
  }

  /// Runs statements that each give a text.
  ///
  /// - Parameters:
  ///   - bypass: with triggers and foreign keys off.
  ///   - keeps: what succeeds stays; without it each is undone at once.
  func insert(_ statements: [JSON], bypass: Bool, keeps: Bool = true) throws(IsolationFailure) -> [InsertReply] {
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
              \(keeps ? "" : "RAISE EXCEPTION SQLSTATE 'GNG01';")
            EXCEPTION WHEN SQLSTATE 'GNG01' THEN NULL;
            WHEN OTHERS THEN
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
    do throws(IsolationFailure) {
      return try connection.run("SAVEPOINT gonogo_rows; \(query); ROLLBACK TO SAVEPOINT gonogo_rows")
    } catch {
      guard case .refused = error else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_rows")
      return nil
    }
  }

  /// Runs attempts, each in a subtransaction that is undone.
  ///
  /// - Parameter timeout: milliseconds. One that takes longer by itself is given up, and says so; the others are not.
  func attempt(_ groups: [(principal: Principal, attempts: [Attempt])], timeout: Int) throws(IsolationFailure)
    -> [AttemptResult]
  {
    var results: [AttemptResult] = []
    var left = groups
    var isResumed = false
    while left.contains(where: { !$0.attempts.isEmpty }) {
      let done = try run(left, timeout: min(timeout, limit), isResumed: isResumed)
      results += done
      left = Self.dropping(done.count, of: left)
      isResumed = true
    }
    return results
  }

  private typealias Groups = [(principal: Principal, attempts: [Attempt])]

  private static func dropping(_ count: Int, of groups: Groups) -> Groups {
    var gone = count
    return groups.compactMap { group in
      let here = min(gone, group.attempts.count)
      gone -= here
      return here == group.attempts.count ? nil : (group.principal, Array(group.attempts.dropFirst(here)))
    }
  }

  /// - Parameter isResumed: what was seen before the first of them is not known: none is left out for it.
  /// - Returns: the results of all of them, or of those before one that took too long in this company; at least of one.
  private func run(_ groups: Groups, timeout: Int, isResumed: Bool) throws(IsolationFailure) -> [AttemptResult] {
    let input = JSON.array(
      groups.enumerated().map { place, group in
        [
          "r": .string(group.principal.role),
          "g": .array(group.principal.settings.map { [.string($0.name), .string($0.value)] }),
          "a": .array(group.attempts.map(\.json)), "e": .bool(isResumed && place == 0),
        ]
      })
    let body = """
      DECLARE
        grp jsonb; a jsonb; s jsonb; n bigint; harm bigint; code text; msg text; con text; phase text; bare boolean; roomy boolean;
        first jsonb; reached boolean; harmless boolean; silent boolean; untouched boolean; shown text[] := '{}'; cut boolean := false;
        results text[] := '{}';
      BEGIN
        FOR grp IN SELECT * FROM jsonb_array_elements(\(SQLText.dollar(input.canonicalString))::jsonb) LOOP
          BEGIN
            FOR s IN SELECT * FROM jsonb_array_elements(grp->'g') LOOP PERFORM set_config(s->>0, s->>1, true); END LOOP;
            reached := (grp->'e')::boolean; harmless := false; silent := false; untouched := false;
            FOR a IN SELECT * FROM jsonb_array_elements(grp->'a') LOOP
              bare := false; roomy := false; first := NULL;
              IF a ? 'f' AND NOT reached OR a ? 'q' AND harmless OR a ? 'i' AND silent OR a ? 'v' AND untouched
                OR a ? 'd' AND a->>'d' = ANY(shown) THEN
                reached := false;
                IF a ? 'v' THEN harmless := true; END IF;
                results := results || '["00000","","","i",0,0,false]'::text;
                CONTINUE;
              END IF;
              LOOP
                n := NULL; harm := 0; code := '00000'; msg := ''; con := '';
                BEGIN
                  phase := 'p';
                  IF a ? 'p' THEN EXECUTE a->>'p'; END IF;
                  IF roomy THEN EXECUTE a->>'r'; END IF;
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
                  IF a ? 'c' AND (n > 0 OR NOT a ? 'z') THEN
                    EXECUTE CASE WHEN roomy THEN a->>'rc' ELSE a->>'c' END INTO harm;
                  END IF;
                  RAISE EXCEPTION SQLSTATE 'GNG01';
                EXCEPTION WHEN SQLSTATE 'GNG01' THEN NULL;
                  -- The time of all of them is up, and is not counted again: the rest is for another block.
                  WHEN query_canceled THEN
                    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, msg = MESSAGE_TEXT;
                    cut := true;
                  WHEN OTHERS THEN
                    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, msg = MESSAGE_TEXT, con = CONSTRAINT_NAME;
                END;
                -- What made room may have taken the caller's rights, too: then the first try says more.
                IF first IS NOT NULL AND NOT cut AND NOT (code = '00000' AND harm > 0) THEN
                  code := first->>0; msg := first->>1; con := first->>2; phase := 'a'; n := NULL; harm := 0;
                  EXIT;
                END IF;
                EXIT WHEN cut OR phase <> 'a';
                IF code = '23503' AND NOT bare AND a ? 'x' AND NOT coalesce(a->'m' ? con, false) THEN
                  bare := true;
                ELSIF code = '23505' AND NOT roomy AND a ? 'r' THEN
                  roomy := true; first := jsonb_build_array(code, msg, con);
                ELSE
                  EXIT;
                END IF;
              END LOOP;
              harmless := a ? 'b' AND code = '00000' AND harm = 0;
              silent := a ? 'y' AND code = '00000' AND n = 0;
              IF a ? 'u' THEN untouched := harmless; END IF;
              IF a ? 'd' AND code = '00000' AND (harm > 0 OR NOT a ? 'c' AND n > 0) THEN shown := shown || (a->>'d'); END IF;
              IF a ? 'k' THEN reached := code = '00000' AND n > 0; END IF;
              results := results || jsonb_build_array(code, msg, con, phase, n, harm, bare, roomy)::text;
              EXIT WHEN cut;
            END LOOP;
            RAISE EXCEPTION SQLSTATE 'GNG02';
          EXCEPTION WHEN SQLSTATE 'GNG02' THEN NULL;
          END;
          EXIT WHEN cut;
        END LOOP;
        PERFORM set_config('gonogo.result', '[' || array_to_string(results, ',') || ']', true);
      END
      """
    do throws(IsolationFailure) {
      let rows = try connection.run(
        """
        SAVEPOINT gonogo_batch; \(guarding.isEmpty ? "" : guarding + ";") SET LOCAL statement_timeout = \(timeout); DO \(Self.block(body));
        SELECT current_setting('gonogo.result'); ROLLBACK TO SAVEPOINT gonogo_batch
        """)
      var items = (try? JSON.parse(Array((rows.first?.first ?? "[]")!.utf8)))?.arrayValue ?? []
      let attempts = groups.flatMap(\.attempts)
      let isCut = items.last?[0]?.stringValue == "57014"
      guard items.count == attempts.count || isCut && items.count < attempts.count else {
        throw IsolationFailure.lost("the answers do not match the attempts")
      }
      // The last one may only have come late: it is tried again, first.
      if isCut, items.count > 1 { items.removeLast() }
      return zip(attempts, items).map { attempt, item in
        let isRoomy = item[7]?.boolValue == true && item[0]?.stringValue == "00000"
        return AttemptResult(
          attempt: isRoomy ? attempt.withRoom : attempt, code: item[0]?.stringValue ?? "",
          message: item[1]?.stringValue ?? "",
          constraint: item[2]?.stringValue ?? "", phase: item[3]?.stringValue ?? "", rows: item[4]?.integerValue ?? 0,
          harm: item[5]?.integerValue ?? 0, bare: item[6]?.boolValue ?? false)
      }
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      // Each attempt catches its own: this is the guard's, and the next one would wait as long.
      if !guarding.isEmpty, refusal.code == "55P03" { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_batch")
      // What no block can catch takes its whole batch with it: halves tell which it was.
      let count = groups.reduce(0) { $0 + $1.attempts.count }
      if count == 1, let attempt = groups.first(where: { !$0.attempts.isEmpty })?.attempts.first {
        return [
          AttemptResult(
            attempt: attempt, code: refusal.code, message: refusal.message, constraint: "", phase: "a", rows: 0,
            harm: 0,
            bare: false)
        ]
      }
      let half = Self.dropping(count - count / 2, of: groups.reversed().map { ($0.principal, $0.attempts.reversed()) })
      return try run(
        half.reversed().map { ($0.principal, $0.attempts.reversed()) }, timeout: timeout, isResumed: isResumed)
    }
  }
}
