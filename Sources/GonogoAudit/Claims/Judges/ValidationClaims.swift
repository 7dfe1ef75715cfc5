import GonogoCore

/// "Input is validated by a schema", "the environment is validated".
enum ValidationClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "schema-validation", title: "Input is validated by a schema",
    what: """
      True where the file named, or for "added" any product file, parses with a schema of its library; of the environment where \
      such a file reads it. That every input is validated is not shown by that, and stays unproven. False where the file \
      named for it parses nothing.
      """, rules: ["code-body-no-schema"])

  static let vocabulary = ClaimVocabulary(
    "zod validat* валидац* input* schema* joi yup pydantic request* body environment env входн* данн* окружени* схем*",
    contradicting: "missing отсутств* api", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("validat", "валидац", "zod", "schema validation"), !line.isDenial else { return nil }
    let isEnvironment = line.says("environment", "env ", "env)", "окружени") || line.hasWord("env")
    guard isEnvironment || line.says("zod", "input", "schema", "joi", "yup", "pydantic", "request", "входн", "body")
    else { return nil }
    let scope = scene.scope(of: line)
    let parse = #"\.(safeParse|parse|parseAsync|safeParseAsync|validateSync)\(|cleanEnv\(|createEnv\(|z\.object\("#
    if isEnvironment {
      let hit = scene.code(
        #"(safeParse|\.parse|validateSync)\(\s*\{?\s*process\.env|cleanEnv\(\s*process\.env|createEnv\(|\(BaseSettings\)"#,
        in: scope
      ).first
      if let hit {
        return .truly("the environment is parsed here; that a bad one stops the start was not tried", at: hit.place)
      }
      for file in scene.context.facts(ProductCode.self)
      where scene.mentions(file, #"z\.object\("#) && scope.contains(file.path) {
        guard file.name.lowercased().contains("env"),
          let hit = scene.lines(of: file, matching: scene.context.pattern(#"\.(safeParse|parse)\("#)).first
        else { continue }
        return .truly("the environment is parsed here; that a bad one stops the start was not tried", at: hit.place)
      }
      return .unproven("no schema that the environment is parsed with was found")
    }
    let isOfAll = line.hasWord("all", "every", "each", "все", "всех", "каждый")
    let found = scene.contradicting(manual.rules, in: line)
    if let first = found.first, !line.isAboutSome {
      // Which input is meant is said by a word or by the file named; without them one that is not validated leaves it open.
      return isOfAll || !scope.files.isEmpty
        ? .falsely(found) : .unproven("one is not: \(first.message)", at: first.place)
    }
    let hit = scene.code(parse, in: scope).first {
      scene.mentions($0.file, #"zod|joi|yup|valibot|ajv|class-validator|pydantic|TypeBox"#)
    }
    let files = scope.files.sorted().compactMap { scene.tree[$0] }.filter(ProductCode.isProduct)
    if let hit, !files.isEmpty || line.isAboutSome {
      return .truly("a schema is used here; that it refuses bad input was not tried", at: hit.place)
    }
    // Without a schema's name a check by hand is validation, too.
    if hit == nil, line.says("schema", "zod", "joi", "yup", "pydantic", "схем"), let file = files.first {
      return .falsely("the file named for it uses no schema", at: TreePlace(file.path))
    }
    return .unproven("schemas are used, and that every input goes through one was not shown", at: hit?.place)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Zod validation added",
      in: [
        "src/a.ts": "import { z } from 'zod'\nconst S = z.object({})\nS.parse(await r.json())\n"
      ], "a schema"),
    .judges(
      .false, "- [x] Zod validation: `src/a.ts`", in: ["src/a.ts": "save(await r.json())\n"], "the file named has none"),
    .judges(
      .unproven, "- [x] Input validation (`src/a.ts`)",
      in: ["src/a.ts": "if (!Number.isInteger(id)) throw new Error('id')\n"], "by hand"),
    .judges(
      .unproven, "- [x] All input is validated by schema",
      in: [
        "src/a.ts": "import { z } from 'zod'\nconst S = z.object({})\nS.parse(await r.json())\n"
      ], "one is not all"),
  ]
}
