public import GonogoCore

/// The Helm charts: how much of each could be rendered, and what is not in the tree.
public enum HelmInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let charts = context.facts(HelmCharts.self)
    if charts.isEmpty { return nil }
    let summary = charts.map { chart -> String in
      var notes = ["\(chart.templates) templates"]
      if chart.partly > 0 { notes = ["\(chart.partly) of \(chart.templates) templates read in part"] }
      if chart.isRendered { notes = ["\(chart.templates) templates, rendered by helm"] }
      if let refusal = chart.refusal { notes.append("helm did not render it: \(refusal)") }
      if !chart.missing.isEmpty { notes.append("not in the tree: \(Fold.list(chart.missing, 4))") }
      return "\(chart.name) (\(notes.joined(separator: "; ")))"
    }
    return InventoryEntry(
      "helm charts", count: charts.count, summary: Fold.list(summary, 6),
      json: .array(
        charts.map { chart in
          [
            "name": .string(chart.name), "path": .string(chart.file.path), "templates": JSON(chart.templates),
            "readInPart": JSON(chart.partly), "missing": .array(chart.missing.map { .string($0) }),
            "objects": JSON(chart.objects.count), "renderedByHelm": .bool(chart.isRendered),
            "refusal": JSON(orNull: chart.refusal),
          ]
        }))
  }
}
