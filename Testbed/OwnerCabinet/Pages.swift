/// The owner's pages: plain HTML, filled by one script.
enum Pages {
  struct Page: Sendable {
    let path: String
    let title: String
    /// What the script asks the core for.
    let source: String
  }

  static let all = [
    Page(path: "overview", title: "Overview", source: "summary"), Page(path: "inbox", title: "Inbox", source: "events"),
    Page(path: "orders", title: "Orders", source: "orders"), Page(path: "leads", title: "Leads", source: "leads"),
    Page(path: "customers", title: "Customers", source: "customers"),
    Page(path: "calendar", title: "Calendar", source: "appointments"),
    Page(path: "team", title: "Team", source: "team"), Page(path: "settings", title: "Settings", source: "settings"),
    Page(path: "audit", title: "Audit", source: "audit"),
  ]

  static func render(_ page: Page) -> String {
    let links = all.map { other in
      let current = other.path == page.path ? " aria-current=\"page\"" : ""
      return "<a href=\"/\(other.path)\"\(current)>\(other.title)</a>"
    }
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(page.title) · Owner Cabinet</title>
      <style>body{font:16px/1.5 system-ui;margin:0 auto;max-width:60rem;padding:1rem}nav a{margin-right:1rem}
      [aria-current]{font-weight:700}pre{overflow:auto}</style>
      </head>
      <body data-source="\(page.source)">
      <nav>\(links.joined(separator: "\n"))</nav>
      <p><label>Bot <select id="bot"></select></label> <span id="role"></span>
      <input id="search" type="search" placeholder="Search" aria-label="Search"></p>
      <h1>\(page.title)</h1>
      <main id="content">Loading</main>
      <script src="/app.js"></script>
      </body>
      </html>

      """
  }

  /// Chooses the bot (remembered as `lastBotId`), shows its role, loads the page's data, answers `/` and `g` shortcuts.
  static let script = """
    'use strict';
    const content = document.getElementById('content');
    const select = document.getElementById('bot');
    const role = document.getElementById('role');
    const search = document.getElementById('search');
    const get = (path) => fetch('/api/core/owner/' + path).then((r) => r.ok ? r.json() : Promise.reject(r.status));
    let bots = [];

    async function load() {
      const bot = bots.find((b) => b.id === select.value);
      if (!bot) { content.textContent = 'You have no bot yet.'; return; }
      localStorage.setItem('lastBotId', bot.id);
      role.textContent = bot.role;
      try {
        const data = await get(document.body.dataset.source + '?botId=' + encodeURIComponent(bot.id));
        const shown = document.createElement('pre');
        shown.textContent = JSON.stringify(data, null, 2);
        content.replaceChildren(shown);
      } catch (status) { content.textContent = 'The core answered ' + status + '.'; }
    }

    get('auth/me').then((me) => {
      bots = me.bots;
      for (const bot of bots) select.add(new Option(bot.name, bot.id));
      const last = localStorage.getItem('lastBotId');
      if (bots.some((b) => b.id === last)) select.value = last;
      return load();
    }).catch(() => { content.textContent = 'Send /cabinet to the bot, and press its button.'; });
    select.addEventListener('change', load);

    const places = { i: 'inbox', c: 'customers', o: 'orders', k: 'calendar' };
    let waiting = false;
    document.addEventListener('keydown', (event) => {
      if (event.target === search || event.metaKey || event.ctrlKey) return;
      if (event.key === '/') { event.preventDefault(); search.focus(); return; }
      if (waiting && places[event.key]) location.assign('/' + places[event.key]);
      waiting = event.key === 'g';
    });

    """
}
