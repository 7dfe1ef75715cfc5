/// The look of the HTML report: one style for phones and desks, light and dark, and on paper.
enum HTMLStyle {
  static let css = """
    :root {
      color-scheme: light dark;
      --back: #fbfbfa; --card: #ffffff; --ink: #1d2126; --dim: #5b6470; --line: #d9dde2; --code: #f1f2f4;
      --passed: #1a7f4b; --failed: #c0262d; --errored: #9a6300; --skipped: #6a7480;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #14171a; --card: #1c2024; --ink: #e7e9ec; --dim: #a3abb5; --line: #343a41; --code: #262b31;
        --passed: #4cc38a; --failed: #ff6b70; --errored: #e5b04a; --skipped: #98a2ad;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
    main, header, footer { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
    header { padding-top: 1.5rem; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
    h3 { font-size: 1rem; margin: 0; line-height: 1.4; overflow-wrap: anywhere; }
    p { margin: .25rem 0; }
    .dim { color: var(--dim); font-size: .875rem; overflow-wrap: anywhere; }
    .verdict { border: 2px solid; border-radius: .5rem; padding: .75rem 1rem; font-weight: 600; font-size: 1.1rem;
      background: var(--card); overflow-wrap: anywhere; margin: 0 0 .75rem; }
    .go { color: var(--passed); } .no-go { color: var(--failed); } .undecided { color: var(--errored); }
    .skipped { color: var(--skipped); } .passed { color: var(--passed); }
    .warn { border-left: 4px solid var(--errored); padding: .25rem .75rem; background: var(--card); }
    .chart { width: 100%; border-collapse: collapse; background: var(--card); }
    .chart th, .chart td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); text-align: right; }
    .chart th { font-weight: 600; font-size: .8125rem; color: var(--dim); }
    .chart th:first-child { text-align: left; }
    .chart tbody th { color: var(--ink); font-weight: 500; font-size: .9375rem; overflow-wrap: anywhere; }
    .chart td { font-variant-numeric: tabular-nums; }
    .chart td.zero { color: var(--dim); opacity: .6; }
    .chart .bar { width: 38%; padding-left: 0; }
    .chart svg { display: block; width: 100%; height: .9rem; }
    .f-passed { fill: var(--passed); } .f-failed { fill: var(--failed); } .f-errored { fill: var(--errored); }
    .f-skipped { fill: var(--skipped); }
    .card { background: var(--card); border: 1px solid var(--line); border-left-width: 4px; border-radius: .4rem;
      padding: .75rem 1rem; margin: .6rem 0; }
    .card.b-no-go { border-left-color: var(--failed); } .card.b-undecided { border-left-color: var(--errored); }
    .card.b-passed { border-left-color: var(--passed); } .card.b-skipped { border-left-color: var(--skipped); }
    .tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem;
      font-size: .75rem; font-weight: 600; white-space: nowrap; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem .75rem; margin: .5rem 0 0; }
    dt { color: var(--dim); font-size: .875rem; }
    dd { margin: 0; overflow-wrap: anywhere; }
    code, pre { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--code);
      border-radius: .25rem; }
    code { padding: .1rem .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    pre { padding: .6rem .75rem; margin: .25rem 0; overflow-x: auto; max-height: 30rem; }
    dd pre { white-space: pre-wrap; overflow-wrap: anywhere; }
    details { margin-top: .5rem; }
    summary { cursor: pointer; color: var(--dim); font-size: .875rem; padding: .25rem 0; }
    .row > summary { color: var(--ink); font-size: 1rem; overflow-wrap: anywhere; }
    details.row { margin: .4rem 0; background: var(--card); border: 1px solid var(--line); border-radius: .4rem;
      padding: .25rem .75rem; }
    footer { padding-top: 1rem; padding-bottom: 3rem; }
    :focus-visible { outline: 3px solid var(--errored); outline-offset: 2px; }
    .out { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (max-width: 34rem) {
      body { font-size: 15px; }
      .chart .bar { display: none; }
      .chart thead th { font-size: .6875rem; padding: .3rem .25rem; }
      .chart td, .chart tbody th { padding: .35rem .25rem; }
      .chart tbody tr:not(.wide) > * { border-bottom: 0; padding-bottom: .1rem; }
      .chart tr.wide td { padding-top: .1rem; padding-bottom: .6rem; }
      dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
      dt { margin-top: .4rem; }
    }
    @media (min-width: 34.01rem) { .chart tr.wide { display: none; } }
    @media print { body { background: #fff; color: #000; } pre { max-height: none; white-space: pre-wrap; } }
    """
}
