import Foundation
import SystemPackage

/// A request of `srgan-jobs` to a running daemon over the control socket.
///
/// A request is sent as one line of JSON, for example `{"version":1,"request":"cancel","ids":[7]}`. Paths are sent as
/// base64 of their bytes, because a file name need not be UTF-8; times are sent as milliseconds since 1970.
public enum ControlRequest: Sendable, Equatable {
    /// Returns the daemon's status and its running jobs. The reply is `ControlReply.status`.
    case status
    /// Returns the daemon's health. The reply is `ControlReply.health`.
    case health
    /// Adds files (absolute paths) as if they had been dropped into `inbox` or, if it is nil, into the first configured
    /// inbox. The originals stay where they are. The reply is `ControlReply.files`, one outcome per path, in order.
    ///
    /// - subfolders: the subfolder of the outbox for each path's output, in the same order; empty: the outbox itself for
    ///   all of them.
    case add(paths: [FilePath], subfolders: [FilePath] = [], inbox: FilePath?)
    /// Moves jobs from failed or cancelled to available. The reply is `ControlReply.jobs`, one outcome per id, in
    /// order.
    case retry(ids: [Int64])
    /// Cancels waiting or running jobs; a running worker is killed. The reply is `ControlReply.jobs`.
    case cancel(ids: [Int64])
    /// Starts no more jobs; running jobs finish. The reply is `ControlReply.done`.
    case pause
    /// Starts jobs again. The reply is `ControlReply.done`.
    case resume
    /// Deletes from the history the jobs that ended before this time. The reply is `ControlReply.pruned`.
    case prune(finishedBefore: Date)
    /// Scans the inboxes now. The reply is `ControlReply.done`.
    case rescan
}

extension ControlRequest: Codable {
    private enum Name: String, Codable {
        case status, health, add, retry, cancel, pause, resume, prune, rescan
    }

    private enum CodingKeys: String, CodingKey {
        case version, request, paths, subfolders, inbox, ids
        case finishedBefore = "finished_before"
    }

    /// Decodes a request; throws `ControlError` for another version of the protocol.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try ControlLine.checkVersion(container.decode(Int.self, forKey: .version))
        // A request with too many items is refused, because it could occupy one of the daemon's few connections for
        // hours.
        func items<Item: Decodable>(_ key: CodingKeys) throws -> [Item] {
            let items = try container.decode([Item].self, forKey: key)
            guard items.count <= ControlLine.maximumItems else {
                throw ControlError(
                    .malformed,
                    "The request has \(items.count) \(key.stringValue); the limit is \(ControlLine.maximumItems)."
                )
            }
            return items
        }
        switch try container.decode(Name.self, forKey: .request) {
        case .status: self = .status
        case .health: self = .health
        case .add:
            let paths: [PathBytes] = try items(.paths)
            let subfolders: [PathBytes] = container.contains(.subfolders) ? try items(.subfolders) : []
            guard subfolders.isEmpty || subfolders.count == paths.count else {
                throw ControlError(
                    .malformed, "The request has \(paths.count) paths and \(subfolders.count) subfolders.")
            }
            self = .add(
                paths: paths.map(\.path), subfolders: subfolders.map(\.path),
                inbox: try container.decodeIfPresent(PathBytes.self, forKey: .inbox)?.path)
        case .retry: self = .retry(ids: try items(.ids))
        case .cancel: self = .cancel(ids: try items(.ids))
        case .pause: self = .pause
        case .resume: self = .resume
        case .prune: self = .prune(finishedBefore: try container.decode(Date.self, forKey: .finishedBefore))
        case .rescan: self = .rescan
        }
    }

    /// Encodes the request with the protocol version.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ControlLine.version, forKey: .version)
        switch self {
        case .status: try container.encode(Name.status, forKey: .request)
        case .health: try container.encode(Name.health, forKey: .request)
        case .add(let paths, let subfolders, let inbox):
            try container.encode(Name.add, forKey: .request)
            try container.encode(paths.map(PathBytes.init), forKey: .paths)
            if !subfolders.isEmpty { try container.encode(subfolders.map(PathBytes.init), forKey: .subfolders) }
            try container.encodeIfPresent(inbox.map(PathBytes.init), forKey: .inbox)
        case .retry(let ids):
            try container.encode(Name.retry, forKey: .request)
            try container.encode(ids, forKey: .ids)
        case .cancel(let ids):
            try container.encode(Name.cancel, forKey: .request)
            try container.encode(ids, forKey: .ids)
        case .pause: try container.encode(Name.pause, forKey: .request)
        case .resume: try container.encode(Name.resume, forKey: .request)
        case .prune(let date):
            try container.encode(Name.prune, forKey: .request)
            try container.encode(date, forKey: .finishedBefore)
        case .rescan: try container.encode(Name.rescan, forKey: .request)
        }
    }
}
