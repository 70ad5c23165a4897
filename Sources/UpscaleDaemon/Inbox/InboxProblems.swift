import SystemPackage

/// The inboxes and the folders in them that cannot be scanned, each with the reason, a full sentence.
struct InboxProblems: Equatable, Sendable {
    /// Inboxes that are missing or cannot be read.
    var unavailable: [FilePath: String] = [:]
    /// Folders that are too deep or cannot be read, by inbox.
    var leftOut: [FilePath: [FilePath: String]] = [:]

    /// The number of folders that are left out.
    var leftOutCount: Int { leftOut.values.reduce(0) { $0 + $1.count } }

    /// The sentences for a report, those of whole inboxes first; at most `most`.
    func sentences(most: Int) -> [String] {
        func sorted(_ reasons: [FilePath: String]) -> [String] { reasons.values.sorted() }
        return Array((sorted(unavailable) + leftOut.values.flatMap(sorted).sorted()).prefix(most))
    }
}
