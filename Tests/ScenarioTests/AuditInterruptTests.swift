import GonogoSystem
import GonogoTestSupport
import Testing

/// An audit that is ended from outside, or has nowhere to write.
@Suite struct AuditInterruptTests {
  private func repository() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write("on: push\njobs: {}\n", to: "tree/.github/workflows/a.yml")
    let made = try GonogoBinary.shell(
      "cd tree && git init -q . && git add -A && git -c user.name=t -c user.email=t@example.com commit -qm one",
      in: directory.path)
    try #require(made.status == 0)
    return directory
  }

  @Test func `an interrupt leaves no copy, no tool and no report, and says so`() throws {
    let directory = try repository()
    // A tool that does not end, so that the copy of the commit which it looks at is there.
    try directory.write("#!/bin/sh\necho $$ > \"$TMPDIR/tool\"\nsleep 300\n", to: "bin/zizmor")
    try directory.write("", to: "scratch/.keep")
    let result = try GonogoBinary.shell(
      """
      chmod +x bin/zizmor; export PATH="$PWD/bin:$PATH" TMPDIR="$PWD/scratch"
      set -m  # else a shell's background job ignores SIGINT
      "$GONOGO" audit tree --at HEAD --only zizmor -o json=scratch/report.json & p=$!
      for i in $(seq 200); do [ -s scratch/tool ] && break; sleep 0.1; done
      ls -d scratch/gonogo-audit-* >/dev/null || echo "no copy to leave"
      kill -INT $p; wait $p; echo "ended with $?"
      for i in $(seq 50); do kill -0 "$(cat scratch/tool)" 2>/dev/null || break; sleep 0.1; done
      kill -0 "$(cat scratch/tool)" 2>/dev/null && echo "the tool still runs"
      ls scratch
      """, in: directory.path)
    #expect(result.output.split(separator: "\n") == ["ended with 130", "tool"])
    #expect(result.error.contains("no report was written"))
  }

  @Test func `a reader that goes is no fault, a full disk is one and leaves no half`() throws {
    let directory = try repository()
    let result = try GonogoBinary.shell(
      """
      "$GONOGO" audit tree --only 'workflow-*' -o json | head -c 1 >/dev/null; echo "${PIPESTATUS[0]}"
      "$GONOGO" audit tree --only 'workflow-*' -o json=/dev/full; echo $?
      (ulimit -f 1; trap '' XFSZ; "$GONOGO" audit tree -o json=out.json; echo $?)
      ls
      """, in: directory.path)
    #expect(result.output.split(separator: "\n") == ["0", "2", "2", "tree"])
    #expect(result.error.contains("no space left on device") && result.error.contains("free some room"))
  }
}
