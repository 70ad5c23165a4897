/// Why hooks cannot be served, or why an attempt failed, as one sentence.
public struct HookError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
