import SystemPackage

/// The error when none of the searched folders has a model of the given name.
public struct ModelNotFound: Error, Sendable, CustomStringConvertible {
    /// The model's name.
    public let model: String
    /// The folders that were searched, in order.
    public let folders: [FilePath]

    /// The message, one full sentence.
    public var description: String {
        let searched = folders.map(\.string).joined(separator: ", ")
        return "There is no model named \"\(model)\"; searched folders: \(searched)."
    }
}
