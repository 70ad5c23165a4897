import SystemPackage

/// No folder has a model of this name.
public struct ModelNotFound: Error, Sendable, CustomStringConvertible {
    /// The name that was looked for.
    public let model: String
    /// The folders that were searched, first to last.
    public let folders: [FilePath]

    /// One full sentence.
    public var description: String {
        let searched = folders.map(\.string).joined(separator: ", ")
        return "There is no model named \"\(model)\"; searched were \(searched)."
    }
}
