/// Finds bytes that are not UTF-8.
public enum EncodingCheck {
  /// The offset of the first byte that begins no whole sequence (RFC 3629); `nil` where all is well.
  public static func firstFault(in bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      let length = DocumentText.sequenceLength(bytes, index)
      if length == 0 { return index }
      index += length
    }
    return nil
  }
}
