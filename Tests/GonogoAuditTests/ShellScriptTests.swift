import GonogoCore
import Testing

@testable import GonogoAudit

/// What is run, told from what is printed, quoted or commented out.
@Suite struct ShellScriptTests {
  func words(_ script: String) -> [[String]] { ShellScript(text: script).commands.map(\.words) }

  @Test(arguments: [
    ("a b; c && d || e | f", [["a", "b"], ["c"], ["d"], ["e"], ["f"]]),
    ("X=1 sudo Y=2 a # b", [["a"]]),
    ("npx --yes vercel deploy", [["vercel", "deploy"]]),
    ("pnpm exec wrangler deploy", [["wrangler", "deploy"]]),
    ("if ! a; then b; fi", [["a"], ["b"], ["fi"]]),
    ("a \\\n  --b", [["a", "--b"]]),
    ("echo 'a; b' \"c && d\"", [["echo", "a; b", "c && d"]]),
    ("cat <<EOF\na b\nEOF\nc", [["cat"], ["c"]]),
    ("a > b 2>&1", [["a"]]),
    ("a ${{ secrets.B || 'c' }}", [["a", "${{ secrets.B || 'c' }}"]]),
  ])
  func commandsAreTold(script: String, expected: [[String]]) { #expect(words(script) == expected) }

  @Test func commandsOfSubstitutionsAreRun() {
    #expect(words("U=$(a b) && echo \"$(c)\" `d`").contains(["a", "b"]))
    #expect(words("echo \"$(c)\" `d`").contains(["c"]))
    #expect(words("echo \"$(c)\" `d`").contains(["d"]))
  }

  @Test func whatStandsBehindACommandIsKnown() {
    let script = ShellScript(text: "a || true\nb > file || true\nc 2> errors")
    #expect(script.commands.map(\.end) == ["||", "\n", "||", "\n", "\n"])
    #expect(script.commands.map(\.redirected) == [false, false, true, false, false])
    #expect(script.commands[2].position == SourcePosition(line: 2, column: 1))
  }

  @Test func hostileScriptsEnd() {
    for text in [
      String(repeating: "$(", count: 100_000), String(repeating: "`", count: 10_001), "\"", "'", "a <<", "${",
      "$((1+2))", "\\", ")",
      String(repeating: "(", count: 50_000), "<", ">", "a >", "&&&&",
    ] {
      #expect(ShellScript(text: text).commands.count < 200_000)
    }
  }
}

/// The names of series in PromQL.
@Suite struct PromQLTests {
  @Test(arguments: [
    ("sum by (le) (rate(a_b_bucket{x=\"c_d\"}[5m])) > 0.5", ["a_b_bucket"]),
    ("a_total offset 24h * 0.5 unless on (job_name) b_total", ["a_total", "b_total"]),
    ("label_replace(up, \"x_y\", \"$1\", \"z_w\", \"(.*)\") # c_d", ["up"]),
    ("job:rate5m / ignoring(code_class) group_left sum_total", ["job:rate5m", "sum_total"]),
    ("{__name__=\"a_b\"}", []), ("rate(x_${unit}_total[$__range])", []),
  ])
  func areToldFromTheRest(expression: String, expected: [String]) {
    #expect(PromQL.metrics(in: expression).filter { $0 != "_total" } == expected)
  }
}
