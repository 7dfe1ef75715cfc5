/// AWS, in documents that speak of it.
enum CloudAWS {
  static let recogniser = Recogniser(
    "aws", probes: ["command"],
    manual: """
      In a document that speaks of AWS: RDS (there, Multi-AZ, encrypted, not public, backups, deletion protection), S3 (versioning, encryption, public access blocked, of `${bucket}`), DynamoDB tables, CloudFront, ECS (`${cluster}`, `${service}`), Amplify, load balancers,
      alarms, CloudTrail, MFA of the root account, Secrets Manager, WAF, GuardDuty, security groups. Each is a call of the AWS CLI that only describes or lists, with the credentials of who checks.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "AWS.\n\n- [ ] Create PostgreSQL RDS database",
        #"""
        command: aws rds describe-db-instances --output json
        expect: { exit: 0 }
        jq: '[.json.DBInstances[]] | length >= 1 and all(.[]; .DBInstanceStatus == "available")'
        """#),
      Recogniser.Sample(
        "AWS.\n\n- [ ] Set up S3 buckets with versioning",
        #"""
        command: { run: [aws, s3api, get-bucket-versioning, --bucket, "${bucket}", --output, json] }
        expect: { exit: 0 }
        jq: '.json.Status == "Enabled"'
        """#),
      Recogniser.Sample(
        "AWS.\n\n- [ ] Deploy backend to ECS Fargate",
        #"""
        command: { run: [aws, ecs, describe-services, --cluster, "${cluster}", --services, "${service}", --output, json] }
        expect: { exit: 0 }
        jq: '[.json.services[]] | length >= 1 and all(.[]; .status == "ACTIVE" and .desiredCount >= 1 and .runningCount >= .desiredCount)'
        """#),
      Recogniser.Sample(
        "AWS.\n\n- [ ] RDS automated backups retained for 7 days",
        #"""
        command: aws rds describe-db-instances --output json
        expect: { exit: 0 }
        jq: '[.json.DBInstances[]] | length >= 1 and all(.[]; .BackupRetentionPeriod >= 7)'
        """#),
      Recogniser.Sample(
        "AWS.\n\n- [ ] MFA enabled on the root account",
        #"""
        command: aws iam get-account-summary --output json
        expect: { exit: 0 }
        jq: '.json.SummaryMap.AccountMFAEnabled == 1'
        """#),
      Recogniser.Sample(
        "AWS.\n\n- [ ] Security groups do not allow SSH from anywhere",
        #"""
        command: aws ec2 describe-security-groups --output json
        expect: { exit: 0 }
        jq: '[.json.SecurityGroups[].IpPermissions[] | select(.IpProtocol == "-1" or (.FromPort <= 22 and .ToPort >= 22)) | .IpRanges[] | select(.CidrIp == "0.0.0.0/0")] | length == 0'
        """#),
    ],
    lookalikes: [
      "AWS.\n\n- [ ] Create AWS account and configure CLI",
      "AWS.\n\n- [ ] S3 costs reviewed",
      "AWS.\n\n- [ ] No RDS is used", "AWS.\n\n- [ ] Read the ECS guide",
    ]
  ) { line, context in
    guard line.isItem, context.mentions(aws), !line.says(other), !line.says(Reservations.thought) else { return nil }
    if line.says(retention), line.says(rds), let days = days.group(1, in: line.text) {
      return Draft(
        rdsBlock(".BackupRetentionPeriod >= \(days)"), confidence: .high,
        reason: "every instance keeps its backups so long, by AWS itself")
    }
    guard let made = claims.first(where: { $0.isMade(by: line) }) else { return nil }
    if Absence.isMeant(line), !made.reason.hasPrefix("no ") { return nil }
    return made.draft
  }

  private static let aws = Phrase(#"\b(aws|amazon)\b|\brds\b|\becs\b|cloudfront|dynamodb|cloudwatch"#)
  private static let other = Phrase(
    #"reviewed|cost|pricing|guide|documented|credentials|\baccount and\b|\bstack\b|integration|\btested\b|terraform"#)
  private static let rds = Phrase(#"\brds\b|aurora"#)
  private static let retention = Phrase(#"backup|retention|retained"#)
  private static let days = Phrase(#"(\d+)[- ]days?"#)

  private static func rdsBlock(_ condition: String) -> String {
    "command: aws rds describe-db-instances --output json\nexpect: { exit: 0 }\njq: '[.json.DBInstances[]] | length >= 1 and all(.[]; \(condition))'"
  }
  private static func call(_ arguments: String, _ query: String) -> String {
    "command: aws \(arguments) --output json\nexpect: { exit: 0 }\njq: '\(query)'"
  }
  private static func bucket(_ operation: String, _ query: String) -> String {
    "command: { run: [aws, s3api, \(operation), --bucket, \"${bucket}\", --output, json] }\nexpect: { exit: 0 }\njq: '\(query)'"
  }
  private static let claims: [Claim] = [
    Claim(
      #"\bmulti-az\b"#, rdsBlock(".MultiAZ"), confidence: .high,
      reason: "every instance of RDS is in several zones, by AWS itself"),
    Claim(
      #"point-in-time recovery|\bpitr\b|\b(rds|aurora)\b.*backups?|automated (rds |database )?backups? .*\b(rds|aws)\b"#,
      rdsBlock(".BackupRetentionPeriod >= 1 and .LatestRestorableTime != null"),
      reason: "every instance of RDS can be brought back to a time, by AWS itself"),
    Claim(
      #"\b(rds|aurora)\b.*(not public\w*|private subnet|no public access)|(not public\w*|private).*\b(rds|aurora)\b"#,
      rdsBlock(".PubliclyAccessible == false"), confidence: .high,
      reason: "no instance of RDS has a public address, by AWS itself"),
    Claim(
      #"\b(rds|aurora)\b.*deletion protection"#, rdsBlock(".DeletionProtection"), confidence: .high,
      reason: "every instance of RDS is protected, by AWS itself"),
    Claim(
      #"\b(rds|aurora)\b.*encrypt"#, rdsBlock(".StorageEncrypted"), confidence: .high,
      reason: "every instance of RDS is encrypted, by AWS itself"),
    Claim(
      #"\b(create|set up|provision|configure|deploy)\w*\b.*\b(rds|aurora)\b|\b(rds|aurora)\b.*\b(created|provisioned|configured|running|available|set up|instance)\b"#,
      except: "row level", rdsBlock(#".DBInstanceStatus == "available""#),
      reason: "there is an instance of RDS, and all are available"),
    Claim(
      #"\bs3\b.*version(ing|ed)"#, bucket("get-bucket-versioning", #".json.Status == "Enabled""#), confidence: .high,
      reason: "the bucket keeps versions, by AWS itself"),
    Claim(
      #"\bs3\b.*(block(ed|s)? public|public access (is )?block|not public\w*|private)|(block(ed|s)? public|private).*\bs3\b"#,
      bucket("get-public-access-block", "[.json.PublicAccessBlockConfiguration[]] | length >= 4 and all"),
      confidence: .high,
      reason: "no public access to the bucket is let through, by AWS itself"),
    Claim(
      #"\bs3\b.*encrypt"#,
      bucket("get-bucket-encryption", ".json.ServerSideEncryptionConfiguration.Rules | length >= 1"), confidence: .high,
      reason: "the bucket is encrypted, by AWS itself"),
    Claim(
      #"\bs3 buckets?\b.*\b(created|exists?|configured|set up)\b|\b(create|set up|configure) (an? |the )?s3\b"#,
      bucket("get-bucket-location", "has(\"json\")"), reason: "the bucket is there, by AWS itself"),
    Claim(
      #"\bdynamodb tables?\b.*|\b(create|set up) dynamodb"#,
      call("dynamodb list-tables", ".json.TableNames | length >= 1"),
      reason: "there are tables of DynamoDB; which, add"),
    Claim(
      #"\bcloudfront\b.*"#, except: "invalidat|log",
      call(
        "cloudfront list-distributions",
        #"[.json.DistributionList.Items[]? | select(.Enabled) | .Status] | length >= 1 and all(.[]; . == "Deployed")"#),
      reason: "there is a distribution of CloudFront, and all are deployed"),
    Claim(
      #"\b(ecs|fargate)\b"#, except: "task definition|docker image|exec",
      "command: { run: [aws, ecs, describe-services, --cluster, \"${cluster}\", --services, \"${service}\", --output, json] }\nexpect: { exit: 0 }\njq: '[.json.services[]] | length >= 1 and all(.[]; .status == \"ACTIVE\" and .desiredCount >= 1 and .runningCount >= .desiredCount)'",
      confidence: .high, reason: "as many tasks run as are wanted, by AWS itself"),
    Claim(
      #"\bamplify\b"#, except: "ssr",
      call("amplify list-apps", "[.json.apps[].productionBranch.status] | length >= 1 and all(.[]; . == \"SUCCEED\")"),
      reason: "Amplify has an application, and its production branch was deployed"),
    Claim(
      #"\b(load balancers?|alb|elb)\b.*\b(configured|created|healthy|set up|active|provisioned)\b|(create|set up) .*load balancer"#,
      call(
        "elbv2 describe-load-balancers",
        #"[.json.LoadBalancers[].State.Code] | length >= 1 and all(.[]; . == "active")"#),
      reason: "there is a load balancer, and all are active"),
    Claim(
      #"\bcloudwatch\b.*alarms?|\balarms?\b.*(configured|created|set up)"#,
      call("cloudwatch describe-alarms", "[.json.MetricAlarms[]?] | length >= 1 and all(.[]; .ActionsEnabled)"),
      reason: "CloudWatch has alarms, and each acts"),
    Claim(
      #"\bcloudtrail\b"#,
      call("cloudtrail describe-trails", "[.json.trailList[] | select(.IsMultiRegionTrail)] | length >= 1"),
      reason: "there is a trail over all regions, by AWS itself"),
    Claim(
      #"\bmfa\b.*\broot\b|\broot\b.*\bmfa\b"#,
      call("iam get-account-summary", ".json.SummaryMap.AccountMFAEnabled == 1"), confidence: .high,
      reason: "the root account has a second factor, by AWS itself"),
    Claim(
      #"secrets? manager\b.*"#, except: "your-|rotation",
      call("secretsmanager list-secrets", ".json.SecretList | length >= 1"),
      reason: "Secrets Manager has a secret; which, add"),
    Claim(
      #"\bwaf\b"#, call("wafv2 list-web-acls --scope REGIONAL", ".json.WebACLs | length >= 1"),
      reason: "there is a list of WAF in the region"),
    Claim(
      #"\bguardduty\b"#, call("guardduty list-detectors", ".json.DetectorIds | length >= 1"),
      reason: "GuardDuty has a detector"),
    Claim(
      #"security groups?\b.*(not|no|never|without|deny|restrict)\w*.*(anywhere|0\.0\.0\.0/0|ssh|public|world|all ips)"#,
      call(
        "ec2 describe-security-groups",
        #"[.json.SecurityGroups[].IpPermissions[] | select(.IpProtocol == "-1" or (.FromPort <= 22 and .ToPort >= 22)) | .IpRanges[] | select(.CidrIp == "0.0.0.0/0")] | length == 0"#
      ),
      reason: "no group lets the whole Internet in to port 22, by AWS itself"),
  ]
}
