/// The rules that come with Gonogo: the one list. A rule is a file, and a line here.
public enum BuiltinRules {
  public static let all: [any AuditRule.Type] = [
    // Containers: Compose, Dockerfiles, Kubernetes.
    PublishedDatabasePort.self, PrivilegedContainer.self, HostMount.self, SecretInEnvironment.self, BypassedProxy.self,
    UnpinnedImage.self, NoMemoryLimit.self, NoHealthCheck.self, NoRestartPolicy.self, RootUser.self, NoCPULimit.self,
    // Migrations: PostgreSQL's SQL, read by its own parser and replayed.
    IndexLocksTable.self, ConcurrentlyInTransaction.self, NotNullWithoutDefault.self, RewritesTable.self,
    SetNotNull.self, ValidatesConstraint.self, UniqueConstraintLocks.self, SQLDoesNotParse.self, NoWayBack.self,
    NumberTwice.self, OutOfOrder.self, TableWithoutRowSecurity.self, MissingTable.self, PolicyNamesMissing.self,
    TableNobodyCreates.self, GoneStillUsed.self, DocumentNamesMissingIndex.self, SquawkFindings.self,
    MigrationWithoutNumber.self,
  ]

  public static func named(_ id: String) -> (any AuditRule.Type)? { all.first { $0.manual.id == id } }
}

/// The lines of the inventory, in the order in which they are told: the one list.
public enum BuiltinInventory {
  public static let all: [any InventoryPart.Type] = [
    FilesInventory.self, ServicesInventory.self, MigrationsInventory.self, TablesInventory.self,
  ]
}

/// What judges the claims of documents: the one list.
public enum BuiltinClaimJudges {
  public static let all: [any ClaimJudge.Type] = []
}
