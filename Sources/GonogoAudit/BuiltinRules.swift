public import GonogoCore

/// The rules that come with Gonogo: the one list. A rule is a file, and a line here.
public enum BuiltinRules {
  public static let all: [any AuditRule.Type] = [
    // Containers: Compose, Dockerfiles, Kubernetes.
    PublishedDatabasePort.self, PrivilegedContainer.self, HostMount.self, SecretInEnvironment.self, BypassedProxy.self,
    UnpinnedImage.self, NoMemoryLimit.self, NoHealthCheck.self, NoRestartPolicy.self, RootUser.self, NoCPULimit.self,
    // The environment: variables four ways, secrets.
    ProviderKey.self, CommittedEnvironment.self, SecretFallback.self, SharedSecret.self, PublicSecret.self,
    MisspeltVariable.self, UndeclaredVariable.self, StrictModeHole.self, VariableDisagreement.self, UnusedVariable.self,
    DocumentedUnread.self,
    // Workflows: GitHub's, and GitLab's pipeline.
    UngatedTwin.self, UntrustedCheckout.self, UngatedDeploy.self, DeploySkipsChecks.self, AlwaysDeploys.self,
    CheckCannotFail.self, ScriptInjection.self, UnpinnedAction.self, TokenPermissions.self, HardCodedURL.self,
    ConcurrentDeploys.self, NoJobTimeout.self,
    // Documents: what they name and is not there.
    MissingScript.self, MissingFile.self, WrongCount.self, EndpointUnserved.self,
    // Monitoring: Prometheus, Alertmanager, Grafana.
    UnknownMetric.self, RulesNotLoaded.self, AlertNotDelivered.self,
    // Outside tools, where they are installed.
    Zizmor.self, Actionlint.self, Promtool.self, Amtool.self,
    // Code, through ast-grep.
    WebSocketWithoutAuthentication.self, CorsAnyWithCredentials.self, UnverifiedToken.self, CallWithoutTimeout.self,
    NoGracefulStop.self, ExitWithoutDraining.self, CookieWithoutFlags.self, RequestInShell.self, RequestInSQL.self,
    SecretLogged.self, HardCodedReadiness.self, CheckHardCoded.self, ReadinessSwallowsErrors.self,
    WebhookWithoutSignature.self,
    WebhookReplay.self, WebhookStale.self, JWTWithoutExpiry.self,
    BodyWithoutSchema.self, ObjectWithoutOwner.self, ObjectOfAnybody.self, GuardNeverCalled.self,
    HeaderWithoutEffect.self,
    HeaderDropped.self, CertificateUnchecked.self,
    // Migrations: PostgreSQL's SQL, read by its own parser and replayed.
    IndexLocksTable.self, ConcurrentlyInTransaction.self, NotNullWithoutDefault.self, RewritesTable.self,
    SetNotNull.self, ValidatesConstraint.self, UniqueConstraintLocks.self, SQLDoesNotParse.self, NoWayBack.self,
    NumberTwice.self, OutOfOrder.self, TableWithoutRowSecurity.self, MissingTable.self, PolicyNamesMissing.self,
    TableNobodyCreates.self, GoneStillUsed.self, DocumentNamesMissingIndex.self, SquawkFindings.self,
    MigrationWithoutNumber.self, MigrationReplayFails.self, SeveralHeads.self, MissingParent.self,
    JournalDisagrees.self,
  ]

  /// What the audit tells by itself, and no rule looks for.
  public static let others: [RuleManual] = [Suppressions.manual]

  public static func named(_ id: String) -> (any AuditRule.Type)? { all.first { $0.manual.id == id } }

  /// The outside tools of the rules, in their order.
  public static var tools: [OutsideTool] { all.compactMap { $0.tool } }
}

/// The lines of the inventory, in the order in which they are told: the one list.
public enum BuiltinInventory {
  public static let all: [any InventoryPart.Type] = [
    FilesInventory.self, ServicesInventory.self, ComposeInventory.self, HelmInventory.self, EnvironmentInventory.self,
    EndpointsInventory.self, DocumentedEndpointsInventory.self, MigrationsInventory.self, ReplayInventory.self,
    TablesInventory.self, WorkflowsInventory.self,
    AlertsInventory.self, TestsInventory.self, ToolsInventory.self,
  ]
}

/// What judges the claims of documents: the one list. A judge is a file, and a line here.
public enum BuiltinClaimJudges {
  public static let all: [any ClaimJudge.Type] = [
    CountClaims.self, CitedPathClaims.self, NamedDocumentClaims.self, EndpointClaims.self,
    GracefulShutdownClaims.self, WebSocketClaims.self, SecretFallbackClaims.self, TimeoutClaims.self,
    ValidationClaims.self, HealthCheckClaims.self, CORSClaims.self, RateLimitClaims.self, TestClaims.self,
    ClosedPortClaims.self, ResourceLimitClaims.self, NonRootClaims.self, MonitoringClaims.self,
    ApprovalGateClaims.self, SecurityCheckClaims.self, HardCodedURLClaims.self, DocumentedVariableClaims.self,
    MigrationClaims.self, RowSecurityClaims.self, RuleClaims.self,
  ]

  public static func named(_ id: String) -> (any ClaimJudge.Type)? { all.first { $0.manual.id == id } }
}
