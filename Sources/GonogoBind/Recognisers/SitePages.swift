/// What a site's pages carry: errors, icons, manifests, legal pages, metadata, caching.
enum SitePages {
  static let recogniser = Recogniser(
    "site-pages", probes: ["http"],
    manual: """
      "404 page works", "favicon present", "web manifest", "privacy policy page linked", "meta description", "Open Graph tags", "canonical URL", "structured data", "analytics installed", "browser caching configured",
      "security.txt": the front page of `${web}`, or the address that every site has the thing at, is asked for it. The front page stands for all; how it looks is for a browser.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Custom 404 page configured",
        #"""
        http: { GET: "${web}/gonogo-no-such-page" }
        expect: { status: 404, content_type: text/html, bytes: "> 0" }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] No `noindex` meta tag on production",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { not: { matches: '/<meta[^>]+noindex/i' } } }
        """#),
      Recogniser.Sample(
        "- [ ] Favicon added",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/<link[^>]+rel=["''][^"'']*icon/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Privacy policy page published",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/privacy|конфиденциальн/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Terms of Service page linked",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/\bterms\b|соглашени/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Meta descriptions set",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/<meta[^>]+name=["'']description/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Open Graph tags added",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/<meta[^>]+property=["'']og:/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Canonical URLs configured",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/<link[^>]+rel=["'']canonical/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Structured data (JSON-LD) added",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/application\/ld\+json|itemtype=/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Google Analytics installed",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200, text: { matches: '/googletagmanager|google-analytics|gtag\(|plausible|matomo|posthog|umami|mc\.yandex/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Browser caching configured",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { headers.cache-control: exists }
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] security.txt published",
        #"""
        http: { GET: "${web}/.well-known/security.txt" }
        expect: { status: 200, text: { matches: '/(?m)^contact:/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Page load time acceptable (<3 seconds)",
        #"""
        http: { GET: "${web}/", repeat: 5 }
        expect: { status: 200, timings.total: "< 3s" }
        """#),
    ],
    lookalikes: [
      "- [ ] 404 errors monitored", "- [ ] Privacy policy reviewed by counsel", "- [ ] Analytics dashboards agreed",
      "- [ ] Cache of the office cleared", "- [ ] No analytics on the site", "- [ ] Remove the favicon",
      "- [ ] Meta discussion held",
    ]
  ) { line, _ in
    guard line.isItem, !line.says(other) else { return nil }
    if line.says(noindex) {
      return Draft(
        "http: { GET: \"${web}/\", follow: true }\nexpect: { status: 200, text: { not: { matches: '/<meta[^>]+noindex/i' } } }",
        confidence: .high, reason: "the front page does not keep search engines away")
    }
    if Absence.isMeant(line) { return nil }
    if let seconds = load.group(1, in: line.text) {
      return Draft(
        "http: { GET: \"${web}/\", repeat: 5 }\nexpect: { status: 200, timings.total: \"< \(seconds)s\" }",
        confidence: .medium, reason: "the page comes in that time, five times; what a browser does with it is not in it"
      )
    }
    return claims.draft(line)
  }

  private static let other = Phrase(#"monitor|reviewed|agreed|documented|console|\bdesign(ed)?\b|counsel|legal team"#)
  private static let load = Phrase(
    #"(?:(?:load(?:ing)?|response) times?\b[^<]{0,30}|pages? loads?(?: in)? )(?:<|under|below|less than|within)\s*(\d+(?:\.\d+)?)\s*(?:s\b|sec)"#
  )
  private static let noindex = Phrase(#"(no|remove|without)\b.*noindex|noindex\b.*(removed|not|off)"#)
  private static let place =
    "(configured|added|set( up)?|present|exists?|works?|working|created|published|live|linked|accessible|available|installed|enabled|included|implemented|in place|defined|generated|loads|returns?)"
  private static func front(_ pattern: String) -> String {
    "http: { GET: \"${web}/\", follow: true }\nexpect: { status: 200, text: { matches: '\(pattern)' } }"
  }
  private static let claims: [Claim] = [
    Claim(
      #"\b404( error)? pages?\b.*"# + place
        + #"|custom 404|^(custom )?(404|error)( error)? pages?( \(.*404.*\))?$|страниц\w* 404"#,
      "http: { GET: \"${web}/gonogo-no-such-page\" }\nexpect: { status: 404, content_type: text/html, bytes: \"> 0\" }\nallowed:\n  http: { GET: \"${web}/\", follow: true }\n  expect: { status: 200 }",
      reason: "a page that is not there is answered with 404 and some HTML, while the front page is served"),
    Claim(
      #"^fav-?icons?\b.*"# + place + #"|^(add|set) (a )?favicon|фавикон|favicon .*(на месте|есть|добавлен)"#,
      front(#"/<link[^>]+rel=["''][^"'']*icon/i"#), reason: "the front page names its icon"),
    Claim(
      #"\b(web ?app ?|pwa )?manifest(\.json|\.webmanifest)?\b.*"# + place,
      except: "kubernetes|k8s|deployment|docker",
      front(#"/<link[^>]+rel=["'']manifest/i"#), reason: "the front page names its manifest"),
    Claim(
      #"privacy policy( page)?( is| url)? "# + place
        + #"|политик\w+ конфиденциальности .*(опубликован|доступн|размещен)"#,
      except: "policy created", front(#"/privacy|конфиденциальн/i"#),
      reason: "the front page leads to it; what it says is for a lawyer"),
    Claim(
      #"(terms( of (service|use))?|terms (and|&) conditions|tos)( page)?( is| url)? "# + place,
      front(#"/\bterms\b|соглашени/i"#), reason: "the front page leads to them; what they say is for a lawyer"),
    Claim(
      #"\bcookie (banner|consent|notice)\b.*"# + place,
      front(#"/cookie[-_ ]?(consent|banner|notice)|cookiebot|onetrust|osano/i"#),
      confidence: .low, reason: "the front page has such a thing in it, by the usual names"),
    Claim(
      #"\bmeta[- ](descriptions?|tags?|titles?)\b.*"# + place + #"|(page )?titles? and (meta )?descriptions?"#,
      front(#"/<meta[^>]+name=["'']description/i"#), reason: "the front page has a description"),
    Claim(
      #"\b(open ?graph|og)( meta)?( tags?| images?)\b.*|social (sharing|media) (tags|cards|previews?)"#,
      front(#"/<meta[^>]+property=["'']og:/i"#), reason: "the front page has Open Graph tags"),
    Claim(
      #"\bcanonical (urls?|tags?|links?)\b"#, front(#"/<link[^>]+rel=["'']canonical/i"#),
      reason: "the front page names its canonical address"),
    Claim(
      #"structured data|json-ld|schema\.org|schema markup"#, front(#"/application\/ld\+json|itemtype=/i"#),
      reason: "the front page has structured data"),
    Claim(
      #"\b(analytics|google tag manager|gtm|ga4|plausible|matomo|posthog|umami|яндекс[. ]метрик\w*|метрик\w* яндекс)\b.*("#
        + place + #"|tracking|connected|подключен\w*|настроен\w*|установлен\w*)"#,
      except: "api key|event|goal|dashboard|dsn|vercel analytics",
      front(#"/googletagmanager|google-analytics|gtag\(|plausible|matomo|posthog|umami|mc\.yandex/i"#),
      confidence: .low,
      reason: "the front page loads one of the usual services; one that is loaded after consent is not seen"),
    Claim(
      #"(browser|http|static asset|client)[- ]cach(e|ing)\b.*|cache[- ]control( headers?)?\b.*|cach(e|ing) headers?\b.*|кэширование настроено|(static )?assets? (are )?cached"#,
      "http: { GET: \"${web}/\", follow: true }\nexpect: { headers.cache-control: exists }\nno_control: the answer is asked for its headers, whatever it says",
      reason: "the front page says how it may be kept; its assets may say another thing"),
    Claim(
      #"security\.txt"#,
      "http: { GET: \"${web}/.well-known/security.txt\" }\nexpect: { status: 200, text: { matches: '/(?m)^contact:/i' } }",
      confidence: .high,
      reason: "the file is served, and names whom to tell: RFC 9116"),
  ]
}
