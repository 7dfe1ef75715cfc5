/// JSON Schemas (draft 2020-12) of what authors write, made from the same descriptors that the planner reads by: so that
/// editors complete and check bindings and front matter as Gonogo does.
public struct JSONSchema: Sendable {
  let registry: ProbeRegistry

  public init(registry: ProbeRegistry) { self.registry = registry }

  private static let dialect = "https://json-schema.org/draft/2020-12/schema"

  /// A fenced `yaml gonogo` block.
  public var binding: JSON {
    var properties: [String: JSON] = [:]
    for parameter in BindingKeys.parameters { properties[parameter.name] = described(parameter) }
    properties["control"] = [
      "type": "string", "description": "The id of the line, for a block that does not stand under it.",
    ]
    properties["allowed"] = [
      "description": .string(BindingKeys.parameters.first { $0.name == "allowed" }?.summary ?? ""),
      "$ref": "#/$defs/allowed",
    ]
    var alternatives: [JSON] = [["required": ["attest"]]]
    for type in registry.probes {
      let descriptor = type.descriptor
      properties[descriptor.name] = [
        "description": .string(descriptor.summary), "$ref": .string("#/$defs/probe-\(descriptor.name)"),
      ]
      alternatives.append(["required": [.string(descriptor.name)]])
    }
    var definitions = probeDefinitions
    definitions["allowed"] = .object([
      "type": "object",
      "properties": .object(
        properties.filter { registry[$0.key] != nil || ["expect", "jq", "timeout"].contains($0.key) }),
      "additionalProperties": false,
    ])
    return .object([
      "$schema": .string(Self.dialect), "title": "A Gonogo binding", "type": "object",
      "properties": .object(properties),
      "additionalProperties": false, "oneOf": .array(alternatives), "$defs": .object(definitions),
    ])
  }

  /// The front matter of a checklist.
  public var frontMatter: JSON {
    var properties: [String: JSON] = [:]
    for parameter in FrontMatter.parameters { properties[parameter.name] = described(parameter) }
    var principal: [String: JSON] = ["vars": ["type": "object"]]
    for type in registry.probes {
      let name = type.descriptor.name
      if let defaults = type as? any ProbeDefaults.Type { properties[name] = object(defaults.defaultParameters) }
      if let principals = type as? any ProbePrincipal.Type { principal[name] = object(principals.principalParameters) }
    }
    properties["principals"] = [
      "description": .string(FrontMatter.parameters.first { $0.name == "principals" }?.summary ?? ""), "type": "object",
      "additionalProperties": ["type": "object", "properties": .object(principal), "additionalProperties": false],
    ]
    return .object([
      "$schema": .string(Self.dialect), "title": "The front matter of a Gonogo checklist", "type": "object",
      "properties": .object(properties), "required": ["gonogo"], "additionalProperties": false,
    ])
  }

  private var probeDefinitions: [String: JSON] {
    var definitions: [String: JSON] = [:]
    for type in registry.probes {
      let descriptor = type.descriptor
      var schema = object(descriptor.parameters)
      if let shorthand = descriptor.shorthand,
        let parameter = descriptor.parameters.first(where: { $0.name == shorthand })
      {
        schema = ["description": .string(descriptor.summary), "anyOf": [schema, form(parameter.form)]]
      }
      definitions["probe-\(descriptor.name)"] = schema
    }
    return definitions
  }

  private func object(_ parameters: [ProbeDescriptor.Parameter]) -> JSON {
    var properties: [String: JSON] = [:]
    for parameter in parameters { properties[parameter.name] = described(parameter) }
    var schema: [String: JSON] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    let required = parameters.filter(\.required).map(\.name)
    if !required.isEmpty { schema["required"] = JSON(required) }
    return .object(schema)
  }

  private func described(_ parameter: ProbeDescriptor.Parameter) -> JSON {
    guard case .object(var schema) = form(parameter.form) else { return .bool(true) }
    schema["description"] = .string(parameter.summary)
    return .object(schema)
  }

  private func form(_ form: ProbeDescriptor.Form) -> JSON {
    switch form {
    case .string: return ["type": ["string", "number", "boolean"]]
    case .choice(let names): return ["enum": JSON(names)]
    case .integer: return ["type": "integer"]
    case .boolean: return ["type": "boolean"]
    case .duration: return ["type": "string", "pattern": "^[0-9.]+ ?(ms|s|m|min|h|d|w)$"]
    case .pattern: return ["type": "string"]
    case .any: return .object([:])
    // A single value is taken for a list of one, wherever a list is taken.
    case .list(let element): return ["anyOf": [["type": "array", "items": self.form(element)], self.form(element)]]
    case .map(let value): return ["type": "object", "additionalProperties": self.form(value)]
    case .object(let parameters): return object(parameters)
    case .either(let forms): return ["anyOf": .array(forms.map { self.form($0) })]
    }
  }
}
