import Testing

/// Lines about variables: green where the line is true, red where it is false.
@Suite struct EnvironmentTruthTests {
  private static let strong = "mV7q2Lx9Rt4bZ8sWk3Nd6Yc1Hf5Jg0Pa"

  static let rows: [TruthRow] = [
    TruthRow(
      "- [ ] `NODE_ENV` is `production`", true: .environment(["NODE_ENV": "production"]),
      false: .environment(["NODE_ENV": "development"])),
    TruthRow(
      "- [ ] `NODE_ENV` is set to production", true: .environment(["NODE_ENV": "production"]),
      false: .environment(["NODE_ENV": "test"])),
    TruthRow(
      "- [ ] Переменная `NODE_ENV` равна `production`", true: .environment(["NODE_ENV": "production"]),
      false: .environment(["NODE_ENV": "test"])),
    TruthRow(
      "- [ ] `ALLOW_SIGNUP=false` in production", true: .environment(["ALLOW_SIGNUP": "false"]),
      false: .environment(["ALLOW_SIGNUP": "true"])),
    TruthRow("- [ ] `DEBUG` is not set", true: .environment(["DEBUG": ""]), false: .environment(["DEBUG": "1"])),
    TruthRow(
      "- [ ] `DEBUG` is unset in production", true: .environment(["DEBUG": ""]), false: .environment(["DEBUG": "true"])),
    TruthRow(
      "- [ ] DEBUG is off", .medium, true: .environment(["DEBUG": "false"]), false: .environment(["DEBUG": "true"])),
    TruthRow(
      "- [ ] `DEBUG_TOKEN` must not be set in production", true: .environment(["DEBUG_TOKEN": ""]),
      false: .environment(["DEBUG_TOKEN": "x"])),
    TruthRow(
      "- [ ] `DEV_ADMIN_EMAIL` пустой", true: .environment(["DEV_ADMIN_EMAIL": ""]),
      false: .environment(["DEV_ADMIN_EMAIL": "a@b.c"])),
    TruthRow(
      "- [ ] JWT_SECRET is at least 32 characters long", true: .environment(["JWT_SECRET": strong]),
      false: .environment(["JWT_SECRET": "mV7q2Lx9Rt4bZ8sWk3Nd"])),
    TruthRow(
      "- [ ] `JWT_SECRET` must not be empty", true: .environment(["JWT_SECRET": strong]),
      false: .environment(["JWT_SECRET": ""])),
    TruthRow(
      "- [ ] `SENTRY_DSN` is set", true: .environment(["SENTRY_DSN": "https://1@sentry.invalid/2"]),
      false: .environment(["SENTRY_DSN": ""])),
    TruthRow(
      "- [ ] `SECRET_KEY` is set and is not the default", true: .environment(["SECRET_KEY": strong]),
      false: .environment(["SECRET_KEY": "changeme"])),
    TruthRow(
      "- `ROOT_KEY` must be unset when `MODE=live`", true: .environment(["MODE": "live", "ROOT_KEY": ""]),
      false: .environment(["MODE": "live", "ROOT_KEY": "x"])),
    TruthRow(
      "- [ ] `API_URL` is `https://api.shop.invalid`", true: .environment(["API_URL": "https://api.shop.invalid"]),
      false: .environment(["API_URL": "https://other.invalid"])),
  ]

  @Test(arguments: rows) func `a variable`(row: TruthRow) async throws { try await row.check() }
}
