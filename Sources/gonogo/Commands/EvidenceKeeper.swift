import GonogoCore
import GonogoStore
import GonogoSystem
import Synchronization

/// Puts the results of one run into the store as they come.
final class EvidenceKeeper: Sendable {
  let run: String
  private let store: EvidenceStore
  private let file: String
  private let state: Mutex<State>

  private struct State {
    var digests: [String]
    var failure: StoreError?
  }

  private init(store: EvidenceStore, run: String, file: String, count: Int) {
    self.store = store
    self.run = run
    self.file = file
    state = Mutex(State(digests: Array(repeating: "", count: count)))
  }

  /// `nil` where none is to be kept.
  static func make(_ invocation: Invocation, document: Checklist, plan: Plan, path: String) throws(StoreError)
    -> EvidenceKeeper?
  {
    if invocation.flag("no-store") { return nil }
    let location = StoreLocation.file(invocation, from: DocumentLoader.directory(of: path))
    let store = try StoreLocation.open(location)
    let header = EvidenceStore.Header(
      file: document.file.name, documentDigest: Digest.hex(Digest.sha256(document.file.bytes)),
      environment: plan.environment?.name, version: GonogoTool.version, started: SystemClock().now(),
      controls: plan.steps.count, excluded: plan.excluded)
    let run = try store.begin(header)
    return EvidenceKeeper(store: store, run: run, file: document.file.name, count: plan.steps.count)
  }

  /// Keeps results together: when this returns, they are kept.
  func keep(_ results: [Runner.Placed]) {
    let entries = results.map { position, result in
      EvidenceStore.Entry(
        position: position, control: result.control.id, outcome: result.outcome.name,
        evidence: Evidence.json(of: result, file: file))
    }
    do throws(StoreError) {
      let digests = try store.append(run: run, entries)
      state.withLock { state in
        for (entry, digest) in zip(entries, digests) { state.digests[entry.position] = digest }
      }
    } catch { state.withLock { $0.failure = $0.failure ?? error } }
  }

  func finish(_ verdict: Verdict, interrupted: Bool) {
    do throws(StoreError) { try store.finish(run: run, verdict: verdict.name, interrupted: interrupted) } catch {
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }

  var digests: [String] { state.withLock { $0.digests } }
  /// The first thing that could not be kept.
  var failure: StoreError? { state.withLock { $0.failure } }
}
