extension Int {
  /// "1 control", "2 controls": for words whose plural has an s.
  package func counting(_ word: String) -> String { self == 1 ? "1 \(word)" : "\(self) \(word)s" }
}
