/// How gonogo ends. The table is frozen: scripts rely on it.
enum ExitStatus {
  /// GO; or a command that only tells something did so.
  static let go: Int32 = 0
  /// NO-GO: at least one blocking control failed.
  static let noGo: Int32 = 1
  /// Nothing was run: usage, document, configuration, an empty selection.
  static let notRun: Int32 = 2
  /// UNDECIDED: at least one blocking control could not be decided, none failed.
  static let undecided: Int32 = 3
}
