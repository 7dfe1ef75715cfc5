/// The rules that come with Gonogo: the one list. A rule is a file, and a line here.
public enum BuiltinRules {
  public static let all: [any AuditRule.Type] = [
    // Containers: Compose, Dockerfiles, Kubernetes.
    PublishedDatabasePort.self, PrivilegedContainer.self, HostMount.self, SecretInEnvironment.self, BypassedProxy.self,
    UnpinnedImage.self, NoMemoryLimit.self, NoHealthCheck.self, NoRestartPolicy.self, RootUser.self, NoCPULimit.self,
  ]

  public static func named(_ id: String) -> (any AuditRule.Type)? { all.first { $0.manual.id == id } }
}

/// The lines of the inventory, in the order in which they are told: the one list.
public enum BuiltinInventory {
  public static let all: [any InventoryPart.Type] = [
    FilesInventory.self, ServicesInventory.self,
  ]
}

/// What judges the claims of documents: the one list. A judge is a file, and a line here.
public enum BuiltinClaimJudges {
  public static let all: [any ClaimJudge.Type] = [
    CountClaims.self, CitedPathClaims.self, NamedDocumentClaims.self,
    GracefulShutdownClaims.self, WebSocketClaims.self, SecretFallbackClaims.self, TimeoutClaims.self,
    ValidationClaims.self, HealthCheckClaims.self, CORSClaims.self, RateLimitClaims.self, TestClaims.self,
    ClosedPortClaims.self, ResourceLimitClaims.self, NonRootClaims.self, MonitoringClaims.self,
    ApprovalGateClaims.self, SecurityCheckClaims.self, HardCodedURLClaims.self, DocumentedVariableClaims.self,
    MigrationClaims.self, RowSecurityClaims.self, RuleClaims.self,
  ]

  public static func named(_ id: String) -> (any ClaimJudge.Type)? { all.first { $0.manual.id == id } }
}
