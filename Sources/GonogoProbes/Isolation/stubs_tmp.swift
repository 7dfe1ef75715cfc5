extension ProofSession {
  mutating func proveViews() throws(IsolationFailure) {}
  mutating func provePartitions() throws(IsolationFailure) {}
  mutating func proveCascades() throws(IsolationFailure) {}
  mutating func escalate() throws(IsolationFailure) {}
  mutating func callFunctions() throws(IsolationFailure) {}
}
struct FindingScan {
  let catalogue: Catalogue
  let model: TenancyModel
  let privileges: Privileges
  func all() -> [IsolationResult.Finding] { [] }
}
