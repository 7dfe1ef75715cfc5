import GonogoCore

/// The packages of Node whose code is a server's as a whole: their manifest names what serves, and nothing that makes pages.
enum ServerPackages: Collector {
  private static let servers: Set<String> = [
    "express", "fastify", "koa", "hono", "restify", "polka", "socket.io", "ws", "@nestjs/core", "@hapi/hapi",
    "@hono/node-server", "bullmq", "bull", "bee-queue", "agenda", "kafkajs", "amqplib", "telegraf", "grammy",
    "node-telegram-bot-api", "discord.js", "@slack/bolt", "apollo-server", "@apollo/server", "graphql-yoga",
  ]
  private static let pages = [
    "react", "preact", "vue", "svelte", "@sveltejs/", "next", "nuxt", "@angular/", "solid-js", "astro", "vite",
    "@remix-run/", "@builder.io/qwik", "expo", "electron", "@tauri-apps/", "@capacitor/", "@ionic/", "ember",
    "backbone", "jquery", "lit", "alpinejs", "webpack", "parcel", "browserify",
  ]

  /// Their directories.
  static func collect(in context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for file in context.tree.files(named: "package.json") {
      // One that does not parse is told by what needs it.
      guard let text = context.tree.text(file), let manifest = try? JSON.parse(text.bytes) else { continue }
      var names: Set<String> = []
      for key in ["dependencies", "devDependencies", "peerDependencies"] {
        for (name, _) in manifest[key]?.objectValue ?? [:] { names.insert(name) }
      }
      let makesPages = names.contains { name in
        pages.contains { $0.hasSuffix("/") ? name.hasPrefix($0) : name == $0 || name.hasPrefix("\($0)-") }
      }
      if !makesPages, !names.isDisjoint(with: servers) { result.insert(String(file.directory)) }
    }
    return result
  }
}
