import GonogoCore

/// Rules that take an e-mail address for who somebody is. Whoever signs up with an address first has it, until somebody
/// confirms it: an address in a policy is a password that everybody reads.
extension ProofSession {
  mutating func claimEmails(_ role: String) throws(IsolationFailure) {
    for claimed in claimableEmails().prefix(4) { try claim(claimed, role) }
    try acceptInvitations(role)
  }

  /// The addresses, and one address of each domain, that policies and functions name.
  private func claimableEmails() -> [(email: String, word: String)] {
    var found: [(email: String, word: String)] = []
    let texts =
      catalogue.relations.filter { model.schemas.contains($0.schema) }.flatMap { $0.policies.map(\.text) }
      + catalogue.functions.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }.map(\.source)
    for text in texts where text.lowercased().contains("email") {
      for word in SQLText.strings(in: text) {
        guard let at = word.firstIndex(of: "@"), word.lastIndex(of: "@") == at, !word.contains(where: \.isWhitespace),
          word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "'") })
        else { continue }
        var domain = String(word[word.index(after: at)...])
        if domain.hasSuffix("$") { domain.removeLast() }
        domain = domain.replacing("\\.", with: ".")
        guard domain.contains("."), !domain.contains("%"), !domain.contains("*") else { continue }
        let name = String(word[..<at])
        let isPattern = name.isEmpty || name.contains("%") || name.contains("*") || name.contains("_") && name == "_"
        let email = isPattern ? "gonogo-n-claims@\(domain)" : "\(name)@\(domain)"
        if !found.contains(where: { $0.email == email }) { found.append((email, word)) }
      }
    }
    return found
  }

  /// A stranger who has signed up with an address and not confirmed it.
  private func claimant(_ email: String, _ role: String) -> (principal: Principal, signUp: String?) {
    var maker = principalMaker
    maker.claimedEmail = email
    let principal = maker.make("no-tenant", .none, .stranger, role: role)
    var statements: [String] = []
    for table in model.tables where table.relation.oid == model.usersTable || table.isPerUser {
      guard let column = table.relation.columns.first(where: { SQLText.snake($0.name) == "email" }),
        let row = seeder.row(table.relation.oid, .none, .stranger), row.isThere,
        let condition = AttemptMaker.rowCondition(table, row, seeder)
      else { continue }
      statements.append(
        "UPDATE \(table.relation.sql) SET \(SQLText.name(column.name)) = \(SQLText.literal(email)) WHERE \(condition)")
    }
    // Where the address is taken, this fails, and nobody can claim it any more.
    return (principal, statements.isEmpty ? nil : statements.joined(separator: "; "))
  }

  private mutating func claim(_ claimed: (email: String, word: String), _ role: String) throws(IsolationFailure) {
    let (principal, signUp) = claimant(claimed.email, role)
    for table in model.proving {
      guard let target = targets[table.relation.oid] else { continue }
      let name = table.relation.name
      let attempts = maker.all(target, principal, &seeder).map { attempt in
        var attempt = attempt
        attempt.prepare = [signUp, attempt.prepare].compactMap { $0 }.joined(separator: "; ")
        if attempt.prepare?.isEmpty == true { attempt.prepare = nil }
        return attempt
      }
      let replies = try runner.attempt([(principal, attempts)], timeout: 10_000)
      result.attempts += replies.count
      for command in IsolationCell.commands {
        let leaking = replies.filter { $0.attempt.command == command && $0.succeeded }
        guard let first = leaking.first(where: { $0.attempt.kind == "by key" }) ?? leaking.first,
          !result.leaks.contains(where: { $0.table == name && $0.command == command && $0.principal == principal.name })
        else { continue }
        let prefix = "with the e-mail \(claimed.email), never confirmed: "
        let cell = IsolationCell(
          table: name, command: command, principal: principal.name, state: .leak,
          kinds: leaking.map { prefix + $0.attempt.kind })
        if let allowance = options.allowances.first(where: { matches($0, cell, principal, table.relation) }) {
          result.allowed.append(.init(table: "\(name) \(command) \(principal.name)", reason: allowance.reason))
          continue
        }
        addLeak(table.relation, command, principal, leaking, first, table, prefix: prefix)
        let place = result.leaks.count - 1
        let policies = table.relation.policies.filter { $0.text.contains(claimed.word) }
        let old = result.leaks[place]
        result.leaks[place] = .init(
          table: old.table, object: old.object, command: old.command, principal: old.principal, role: old.role,
          kind: old.kind, kinds: old.kinds, transcript: old.transcript,
          policies: policies.isEmpty ? old.policies : policies.map(\.name),
          mend: emailMend(table, command, policies, claimed.word))
        result.cells.removeAll { $0.table == name && $0.command == command && $0.principal == principal.name }
        result.cells.append(cell)
      }
    }
  }

  private func emailMend(
    _ table: TenancyModel.Table, _ command: String, _ policies: [Catalogue.Policy], _ word: String
  ) -> String {
    let relation = table.relation
    // A policy that lets the tenant's own people in as well is put right, one that lets nobody else in goes.
    let isMixed = policies.contains { policy in
      AttemptMaker.pathColumns(table).contains { SQLText.mentions(policy.text, $0) }
    }
    if isMixed { return mend.sql(table, command, kind: "", policies: policies.map(\.name)) }
    if !policies.isEmpty {
      let drops = policies.map { "DROP POLICY \(SQLText.name($0.name)) ON \(relation.sql);" }.joined(separator: "\n")
      return "\(drops)\n-- make the first administrator in a migration, by the user's key, instead of by an e-mail"
    }
    let functions = catalogue.functions.filter { $0.source.contains(word) }.map(\.signature)
    return
      "-- let \(functions.joined(separator: ", ")) look the caller's key up in a table that no user writes, instead of asking for an e-mail that whoever signs up with it has"
  }

  // MARK: - Invitations

  /// An invited address joins by design; that it joins with more power than it was invited for is not.
  private mutating func acceptInvitations(_ role: String) throws(IsolationFailure) {
    for invites in model.proving where Naming.isInviteName(invites.relation.name) {
      guard let target = targets[invites.relation.oid],
        let column = invites.relation.columns.first(where: { SQLText.snake($0.name).hasSuffix("email") }),
        let email = target.victim.text(column.name)
      else { continue }
      let (principal, signUp) = claimant(email, role)
      for members in model.memberships where members.relation.oid != model.usersTable {
        guard let goal = targets[members.relation.oid],
          !result.leaks.contains(where: {
            $0.table == members.relation.name && $0.command == "INSERT" && $0.principal == principal.name
          })
        else { continue }
        let invitedAs = invites.roleColumn.flatMap { target.victim.text($0) }
        let joinsAs = members.roleColumn.flatMap { _ in seeder.role(.admin, members) }
        guard
          var join = maker.insert(goal, principal, &seeder).first(where: { $0.kind == "joins by itself" })
        else { continue }
        join.prepare = [signUp, join.prepare].compactMap { $0 }.joined(separator: "; ")
        if join.prepare?.isEmpty == true { join.prepare = nil }
        // With the most power that there is, and as what the invitation says.
        var asInvited = join
        if let column = members.roleColumn, let invitedAs {
          var values = seeder.plannedValues(members, .b, .admin, fresh: true, user: principal.user)
          values[column] = invitedAs
          asInvited.sql = Seeder.insertion(
            members.relation, values, columns: privileges.of(role, members.relation.oid).limited("INSERT"))
        }
        let replies = try runner.attempt([(principal, [join, asInvited])], timeout: 10_000)
        result.attempts += replies.count
        if let reply = replies.first, reply.succeeded, let invitedAs, let joinsAs, Naming.isAdminRole(joinsAs),
          !Naming.isAdminRole(invitedAs)
        {
          let kind = "invited as \(invitedAs), joins as \(joinsAs)"
          let policies = Mend.responsible(members.relation, "INSERT", catalogue.roles[role])
          result.leaks.append(
            .init(
              table: members.relation.name, object: "\(members.relation.schema).\(members.relation.name)",
              command: "INSERT", principal: principal.name, role: role, kind: kind, kinds: [kind],
              transcript: transcript.script(
                "\(principal.title): \(kind)", tables: [members.relation.oid, invites.relation.oid],
                principal: principal, attempt: reply.attempt, bare: reply.bare), policies: policies,
              mend: mend.withholding(members.relation, role)
                + "\n-- and let a SECURITY DEFINER function accept the invitation, with the role that it names"))
          let cell = IsolationCell(
            table: members.relation.name, command: "INSERT", principal: principal.name, state: .leak,
            kinds: [kind])
          result.cells.removeAll {
            $0.table == cell.table && $0.command == cell.command && $0.principal == cell.principal
          }
          result.cells.append(cell)
        }
        if replies.contains(where: \.succeeded) {
          result.findings.append(
            .init(
              rule: "invitation-by-email", object: members.relation.name,
              message:
                "whoever signs up with an invited address joins (\(invites.relation.name).\(column.name)): it holds only if nobody signs in with an address that is not confirmed",
              mend: "let the invitation carry a secret of its own, or ask for email_confirmed_at", isAdvisory: true))
        }
      }
    }
  }
}
