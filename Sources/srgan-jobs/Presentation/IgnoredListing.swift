import Foundation
import JobPresentation
import LinuxSupport
import QueueControl

/// The files that stay in the inboxes because they are no images, as `list --ignored` shows them. Formatting them is a
/// pure function.
struct IgnoredListing {
    /// The files, the newest last.
    let files: [IgnoredFile]
    /// How many older files are not shown.
    let olderCount: Int

    /// Keeps the newest files.
    ///
    /// - limit: the most files; nil for all.
    init(_ all: [IgnoredFile], limit: Int?) {
        files = all.suffix(limit ?? all.count)
        olderCount = all.count - files.count
    }

    /// The lines of the table.
    func lines(now: Date, timeZone: TimeZone, width: Int?, colours: Bool) -> [String] {
        guard !files.isEmpty else { return ["No ignored files."] }
        var table = TextTable(columns: [
            TextTable.Column(title: "FILE", shrinks: true), TextTable.Column(title: "BYTES", alignment: .right),
            TextTable.Column(title: "CHANGED"),
        ])
        table.rows = files.map { file in
            [
                TextTable.Cell(file.path.escaped), TextTable.Cell("\(file.size)"),
                TextTable.Cell(Quantity.time(file.modified, now: now, timeZone: timeZone), .dim),
            ]
        }
        let hidden = olderCount > 0 ? ["\(olderCount) older not shown; --limit 0 shows all."] : []
        return table.lines(width: width, colours: colours) + hidden
    }

    /// The files for `--json`; docs/cli.md describes every field.
    var json: JSONValue {
        let entries = files.map { file in
            JSONValue.object(
                JobFields.path("file", file.path) + [
                    ("bytes", JSONValue(file.size)), ("changed_at", .string(Quantity.timestamp(file.modified))),
                ] + JobFields.path("inbox", file.inbox))
        }
        return .object([("version", 1), ("ignored", .lines(entries))])
    }
}
