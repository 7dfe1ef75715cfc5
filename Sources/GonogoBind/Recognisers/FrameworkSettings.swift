/// Settings of Django, Rails and Spring, where they are told apart from variables of the environment.
enum FrameworkSettings {
  static let recogniser = Recogniser(
    "framework-settings", probes: ["command", "files", "env"],
    manual: """
      Django's settings by name (`DEBUG = False`, "ALLOWED_HOSTS configured", "SECURE_SSL_REDIRECT enabled", "session cookies secure" in documents about Django): what `manage.py diffsettings --all` prints. Rails: `config.force_ssl`, `config.hosts`, `consider_all_requests_local`,
      in config/environments/production.rb. Laravel: the variable that its configuration reads. Spring: keys of application properties.
      """,
    samples: [
      Recogniser.Sample(
        "Django.\n\n- [ ] `DEBUG = False` in settings",
        #"""
        command: python manage.py diffsettings --all
        expect: { exit: 0, stdout: { matches: '/(?m)^(### )?DEBUG = ''?False/' } }
        timeout: 1m
        """#),
      Recogniser.Sample(
        "Django.\n\n- [ ] ALLOWED_HOSTS configured",
        #"""
        command: python manage.py diffsettings --all
        expect: { exit: 0, stdout: { matches: '/(?m)^(### )?ALLOWED_HOSTS = \[(?!''\*''|\])/' } }
        timeout: 1m
        """#),
      Recogniser.Sample(
        "Django.\n\n- [ ] `SECURE_SSL_REDIRECT = True`",
        #"""
        command: python manage.py diffsettings --all
        expect: { exit: 0, stdout: { matches: '/(?m)^(### )?SECURE_SSL_REDIRECT = ''?True/' } }
        timeout: 1m
        """#),
      Recogniser.Sample(
        "Laravel.\n\n- [ ] Cache driver configured (Redis recommended)",
        #"""
        env:
          one_of: [[CACHE_STORE, CACHE_DRIVER]]
        """#),
      Recogniser.Sample(
        "Rails.\n\n- [ ] Force SSL enabled in production config",
        #"""
        files: { path: config/environments/production.rb, matches: '/^\s*config\.force_ssl\s*=\s*true\b/' }
        """#),
      Recogniser.Sample(
        "Spring Boot.\n\n- [ ] `spring.jpa.hibernate.ddl-auto=validate`",
        #"""
        files:
          path: ["**/application*.properties", "**/application*.yml", "**/application*.yaml"]
          exclude: [target, build]
          matches: '/ddl-auto\s*[=:]\s*validate\b/'
        """#),
    ],
    lookalikes: [
      "- [ ] `DEBUG = False`", "Django.\n\n- [ ] SECRET_KEY discussed", "Rails.\n\n- [ ] SSL certificates bought",
      "Django.\n\n- [ ] Allowed hosts of the party", "Spring.\n\n- [ ] Spring cleaning done",
    ]
  ) { line, context in
    guard line.isItem || line.kind == .assignment, !line.isHistory else { return nil }
    if context.mentions(djangoWords), let draft = django(line) { return draft }
    if context.mentions(laravelWords), let draft = laravel.draft(line) { return draft }
    if context.mentions(railsWords), let draft = rails.draft(line) { return draft }
    if context.mentions(spring), let groups = property.first(in: line.text), let key = groups[1], let value = groups[2]
    {
      return Draft(
        "files:\n  path: [\"**/application*.properties\", \"**/application*.yml\", \"**/application*.yaml\"]\n  exclude: [target, build]\n  matches: '/\(YAMLText.escapedForPattern(key.split(separator: ".").last.map(String.init) ?? key))\\s*[=:]\\s*\(YAMLText.escapedForPattern(value))\\b/'",
        confidence: .medium, reason: "a file of the application's properties sets it; which profile is used, add")
    }
    return nil
  }

  private static func django(_ line: ChecklistLine) -> Draft? {
    guard let groups = setting.first(in: line.text), let name = groups[1], known.isFound(in: name) else { return nil }
    let value = groups[2].map { $0.replacing("'", with: "").replacing("\"", with: "") }
    guard value != nil || line.says(state) || line.says(off) else { return nil }
    let pattern: String
    switch (value, name) {
    case (let value?, _): pattern = "\(name) = '?\(YAMLText.escapedForPattern(value))"
    case (nil, "ALLOWED_HOSTS"): pattern = #"ALLOWED_HOSTS = \[(?!'\*'|\])"#
    case (nil, "DEBUG"): pattern = "DEBUG = False"
    case (nil, _) where line.says(off): pattern = "\(name) = False"
    case (nil, _) where boolean.isFound(in: name): pattern = "\(name) = True"
    case (nil, _): pattern = #"\#(name) = (?!''|None|\[\]|0\b)"#
    }
    return Draft(
      "command: python manage.py diffsettings --all\nexpect: { exit: 0, stdout: { matches: \(YAMLText.single("/(?m)^(### )?\(pattern)/")) } }\ntimeout: 1m",
      confidence: .high, reason: "Django's settings, as they come out where the check runs, have it")
  }

  private static let djangoWords = Phrase(#"\bdjango\b|manage\.py"#)
  private static let railsWords = Phrase(#"\brails\b|\bruby on rails\b"#)
  private static let spring = Phrase(#"spring[- ]?boot|\bspring\."#)
  private static let setting = Phrase(
    #"(?:^|\s|`)(DEBUG|ALLOWED_HOSTS|SECRET_KEY|CSRF_[A-Z_]+|SESSION_COOKIE_[A-Z]+|SECURE_[A-Z_]+|X_FRAME_OPTIONS|CORS_[A-Z_]+|STATIC_ROOT|MEDIA_ROOT|EMAIL_BACKEND|CONN_MAX_AGE|DEFAULT_FROM_EMAIL|ADMINS|STATICFILES_STORAGE)(?:\s*=\s*([\w.'"-]+))?"#,
    ignoringCase: false)
  private static let known = Phrase(#"^(?!SECRET_KEY$)[A-Z_]+$"#, ignoringCase: false)
  private static let boolean = Phrase(
    #"_SECURE$|_HTTPONLY$|_REDIRECT$|_SUBDOMAINS$|_PRELOAD$|_NOSNIFF$"#, ignoringCase: false)
  private static let state = Phrase(
    #"\b(configured|set|enabled|defined|updated|restricted|includes?|contains?|correct|is true)\b|настроен"#)
  private static let off = Phrase(#"\b(disabled|false|off)\b"#)
  private static let property = Phrase(#"\b((?:spring|server|management|logging)(?:\.[\w-]+)+)\s*[=:]\s*([\w-]+)"#)

  private static let laravelWords = Phrase(#"\blaravel\b|php artisan"#)
  private static func variables(_ names: String) -> String { "env:\n  one_of: [[\(names)]]" }
  private static let laravel: [Claim] = [
    Claim(
      #"^queue (connection |driver )?(configuration |connection )?(is )?(configured|set up|set)\b"#,
      "env:\n  required: [QUEUE_CONNECTION]",
      reason: "the variable that Laravel reads it from is set"),
    Claim(
      #"^cache (driver|store)( is)? (configured|set)"#, variables("CACHE_STORE, CACHE_DRIVER"),
      reason: "the variable that Laravel reads it from, as it is called since Laravel 11 or before, is set"),
    Claim(
      #"^session driver( is)? (configured|set)"#, "env:\n  required: [SESSION_DRIVER]",
      reason: "the variable that Laravel reads it from is set"),
    Claim(
      #"^(filesystem|storage) disk( is)? (configured|set)"#, variables("FILESYSTEM_DISK, FILESYSTEM_DRIVER"),
      reason: "the variable that Laravel reads it from, as it is called since Laravel 9 or before, is set"),
    Claim(
      #"^mail (driver|configuration)?( is)? ?(configured|set( up)?)$"#,
      "env:\n  required: [MAIL_MAILER, MAIL_FROM_ADDRESS]", reason: "the variables that Laravel reads it from are set"),
  ]

  private static func production(_ pattern: String) -> String {
    "files: { path: config/environments/production.rb, matches: '/^\\s*\(pattern)/' }"
  }
  private static let rails: [Claim] = [
    Claim(
      #"force[_ ]ssl"#, production(#"config\.force_ssl\s*=\s*true\b"#), confidence: .high,
      reason: "production's configuration of Rails says so"),
    Claim(
      #"host authorization|config\.hosts"#, production(#"config\.hosts\b"#), confidence: .high,
      reason: "production's configuration of Rails names its hosts"),
    Claim(
      #"consider_all_requests_local"#, production(#"config\.consider_all_requests_local\s*=\s*false\b"#),
      confidence: .high,
      reason: "production's configuration of Rails says so"),
  ]
}
