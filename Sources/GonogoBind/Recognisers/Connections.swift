/// Connections of PostgreSQL, and whether they go through a pooler.
enum Connections {
  static let recogniser = Recogniser(
    "connections", probes: ["postgres", "env"],
    manual: """
      "Connection pool stats": connections are left, and few sit idle in a transaction. "Connection pooling configured": the connection
      string leads to a pooler or sets the size of a pool, by its port, host or parameters.
      """,
    samples: [
      Recogniser.Sample(
        "- Check Postgres connection pool stats",
        #"""
        postgres: { connections: {} }
        expect: { used_percent: "< 80", idle_in_transaction: "< 5", waiting: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Connection pooling configured",
        #"""
        env:
          variables:
            DATABASE_URL: { matches: '/pooler|pgbouncer|:6543|:6432|pool_size|connection_limit|pool_max/i' }
        """#),
    ],
    lookalikes: ["- [ ] Test tenant connection", "- Check connection: `GET /health`", "- [ ] Swimming pool cleaned"]
  ) { line, _ in
    if line.says(statistics) {
      return Draft(
        "postgres: { connections: {} }\nexpect: { used_percent: \"< 80\", idle_in_transaction: \"< 5\", waiting: 0 }",
        confidence: .medium, reason: "a fifth of the connections is left, and nobody waits; the bounds are usual ones")
    }
    guard line.says(pooling) else { return nil }
    return Draft(
      "env:\n  variables:\n    DATABASE_URL: { matches: '/pooler|pgbouncer|:6543|:6432|pool_size|connection_limit|pool_max/i' }",
      confidence: .low, reason: "the connection string names a pooler or a pool; a pool that code sets up is not seen")
  }

  private static let statistics = Phrase(
    #"connection pool (stats|statistics|usage|metrics)|pool stats|database connections (are )?(stable|healthy|within limits)|пул\w* соединений"#
  )
  private static let pooling = Phrase(#"connection pool(ing)? (is )?(configured|enabled|set up|настроен)|pgbouncer"#)
}
