import GonogoCore
import GonogoProbes
import GonogoTestSupport
import Testing

/// The manual's examples are taken by the planner as they stand.
@Suite struct SurroundExamplesTests {
  static let descriptors = [
    PooledProbe.descriptor, LocksProbe.descriptor, AppendOnlyProbe.descriptor, RedisKeysProbe.descriptor,
  ]

  @Test(arguments: descriptors.flatMap(\.examples).map(\.yaml))
  func `an example has no fault`(_ yaml: String) async {
    // Planned, not run: `when` excuses the line.
    let ran = await ProbeBench.run(
      binding: yaml + "\nwhen: { set: [NOWHERE_SET] }",
      frontMatter:
        "environments: { test: { redis: 'redis://127.0.0.1:1', database: 'postgresql://127.0.0.1:1/x', pooler: 'postgresql://127.0.0.1:2/x', core: 'http://127.0.0.1:3', tenant_a: 'redis://127.0.0.1:1', tenant_b: 'redis://127.0.0.1:1' } }"
    )
    #expect(ran.diagnostics.isEmpty, "\(ran.diagnostics)")
    #expect(ran.results.count == 1)
  }

  @Test(arguments: descriptors.map(\.name))
  func `a descriptor says everything a manual page needs`(_ name: String) throws {
    let descriptor = try #require(BuiltinProbes.registry[name]).descriptor
    #expect(!descriptor.facts.isEmpty && !descriptor.failures.isEmpty && !descriptor.examples.isEmpty)
    #expect(!descriptor.witness.isEmpty && !descriptor.parameters.isEmpty && !descriptor.discussion.isEmpty)
    if let shorthand = descriptor.shorthand { #expect(descriptor.parameters.contains { $0.name == shorthand }) }
  }
}
