/// That tenants do not see each other's rows.
enum TenantIsolation {
  static let recogniser = Recogniser(
    "tenant-isolation", probes: ["isolation"],
    manual: """
      Isolation of tenants, customers or organizations, and access across them: tried, with `isolation`. "by customer_id" names the
      tenant's key; elsewhere it is found in the catalogue.
      """,
    samples: [
      Recogniser.Sample(
        "- [x] Client data isolation by client_id",
        #"""
        isolation:
          database: ${database}
          model: { tenant_key: client_id }
        timeout: 2m
        """#),
      Recogniser.Sample(
        "- [ ] Test cross-organization access",
        #"""
        isolation: ${database}
        timeout: 2m
        """#),
    ],
    lookalikes: [
      "- [ ] Tenant permissions guide", "- [ ] Tenant isolation: all endpoints require botId",
      "- [ ] Isolate the test network",
    ]
  ) { line, _ in
    guard line.says(isolation), !line.says(other) else { return nil }
    let key = Phrase(#"\b(?:by|через|по) `?([a-z]+(?:_[a-z]+)*_id)\b"#).group(1, in: line.text)
    return Draft(
      key.map { "isolation:\n  database: ${database}\n  model: { tenant_key: \($0) }\ntimeout: 2m" }
        ?? "isolation: ${database}\ntimeout: 2m",
      confidence: key == nil ? .medium : .high,
      reason: "each kind of stranger tries each table\(key.map { "; \($0) is the tenant's key" } ?? "")")
  }

  private static let isolation = Phrase(
    #"(tenant|customer|organi[sz]ation|data|user)s?\b.{0,12}isolat|cross-(org\w*|tenant|customer|account) (access|read)|(no|verify no) cross-[\w-]+ (data )?access|can only access their( own)?( [\w']+)? data|изоляци\w+ (данных|тенант|клиент)"#
  )
  private static let other = Phrase(#"guide|document|endpoints? require|will replace|network|\.md\b"#)
}
