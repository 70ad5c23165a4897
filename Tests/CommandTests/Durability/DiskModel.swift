import Foundation
import Fuzzing
import SystemPackage

/// Models a disk with a write cache: data that was written but not made durable may be lost in a power cut.
///
/// The rules are POSIX's and stricter than those of ext4 or XFS. An fsync of a file makes its content durable, but not
/// its name; a name becomes durable with an fsync of its folder. A rename within a folder happens completely or not at
/// all. After a rename between two folders the old name may survive the cut, but one of the two names always exists.
struct DiskModel {
    /// Which of the non-durable changes a power cut loses.
    enum Loss {
        /// All of them.
        case everything
        /// A random part: each write on its own, some of them torn at a sector, and each name on its own.
        case some(SplitMix64)
    }

    private struct Node {
        var isFolder = false
        var content: [UInt8] = []
        var durableContent: [UInt8] = []
        /// Writes and truncations since the last fsync.
        var pendingContent: [Change] = []
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        /// Names added and removed since the last fsync.
        var pendingNames: [NameChange] = []
    }

    private enum Change {
        case write(offset: Int, [UInt8])
        case truncate(Int)
    }

    private struct NameChange {
        let name: String
        let node: Int?
        /// Equal in both halves of a rename.
        let rename: Int?
    }

    private var nodes = [Node(isFolder: true)]
    private var renames = 0

    /// Creates a disk on which everything below a folder is durable.
    init(copyOf root: FilePath) throws {
        let all = FileManager.default.enumerator(atPath: root.string)?.compactMap { $0 as? String } ?? []
        for path in all.sorted() where !path.hasPrefix("log-") && !path.hasPrefix("strace") {
            let file = root.pushing(FilePath(path)).string
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
            let content = isFolder.boolValue ? [] : Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            let node = Node(isFolder: isFolder.boolValue, content: content, durableContent: content)
            guard let (folder, name) = place(path) else { continue }
            nodes.append(node)
            nodes[folder].names[name] = nodes.count - 1
            nodes[folder].durableNames[name] = nodes.count - 1
        }
    }

    // MARK: - While the power is on

    /// Applies an event; returns true if it made something durable.
    @discardableResult
    mutating func apply(_ event: DiskEvent) -> Bool {
        switch event {
        case .makeFolder(let path): add(path, Node(isFolder: true))
        case .create(let path, let truncate):
            if let node = node(path) {
                if truncate { change(node, .truncate(0)) }
            } else {
                add(path, Node())
            }
        case .write(let path, let offset, let bytes):
            if let node = node(path) { change(node, .write(offset: offset ?? nodes[node].content.count, bytes)) }
        case .truncate(let path, let size):
            if let node = node(path) { change(node, .truncate(size)) }
        case .sync(let path):
            if let node = node(path) { return sync(node) }
        case .rename(let from, let target):
            guard let node = node(from) else { return false }
            renames += 1
            name(target, node, rename: renames)
            name(from, nil, rename: renames)
        case .link(let from, let target): if let node = node(from) { name(target, node) }
        case .remove(let path): name(path, nil)
        }
        return false
    }

    private mutating func change(_ node: Int, _ change: Change) {
        Self.apply(change, to: &nodes[node].content)
        nodes[node].pendingContent.append(change)
    }

    private mutating func sync(_ node: Int) -> Bool {
        let hasNews = !nodes[node].pendingContent.isEmpty || !nodes[node].pendingNames.isEmpty
        nodes[node].durableContent = nodes[node].content
        nodes[node].pendingContent = []
        // The new names of the files that left this folder become durable, too.
        let left = Set(nodes[node].pendingNames.filter { $0.node == nil }.compactMap(\.rename))
        for other in nodes.indices where other != node {
            for change in nodes[other].pendingNames where change.rename.map(left.contains) ?? false {
                nodes[other].durableNames[change.name] = change.node
            }
        }
        nodes[node].durableNames = nodes[node].names
        nodes[node].pendingNames = []
        return hasNews
    }

    private mutating func add(_ path: String, _ node: Node) {
        nodes.append(node)
        name(path, nodes.count - 1)
    }

    private mutating func name(_ path: String, _ node: Int?, rename: Int? = nil) {
        guard let (folder, name) = place(path) else { return }
        nodes[folder].names[name] = node
        nodes[folder].pendingNames.append(NameChange(name: name, node: node, rename: rename))
    }

    private func place(_ path: String) -> (folder: Int, name: String)? {
        var parts = path.split(separator: "/").map(String.init)
        guard let name = parts.popLast() else { return nil }
        return node(parts.joined(separator: "/")).map { ($0, name) }
    }

    private func node(_ path: String) -> Int? {
        path.split(separator: "/").reduce(0 as Int?) { folder, name in folder.flatMap { nodes[$0].names[String(name)] }
        }
    }

    private static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .truncate(let size):
            content = Array(content.prefix(size)) + Array(repeating: 0, count: max(0, size - content.count))
        case .write(let offset, let bytes):
            let end = offset + bytes.count
            if content.count < end { content += Array(repeating: 0, count: end - content.count) }
            content.replaceSubrange(offset..<end, with: bytes)
        }
    }

    // MARK: - After the power cut

    /// Writes the remaining state to the place of the disk.
    func restore(to root: FilePath, losing loss: Loss) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: root.string) where !name.hasPrefix("log-") {
            try FileManager.default.removeItem(atPath: root.appending(name).string)
        }
        var after = self
        if case .some(var random) = loss { after.keepSome(using: &random) }
        var places: [Int: FilePath] = [:]
        try after.write(0, to: root, &places)
    }

    private mutating func keepSome(using random: inout SplitMix64) {
        // 0: the rename is lost; 1: only the new name is there; 2: done.
        var fates: [Int: Int] = [:]
        for node in nodes.indices {
            for change in nodes[node].pendingContent where Bool.random(using: &random) {
                var kept = change
                if case .write(let offset, let bytes) = change, Bool.random(using: &random) {
                    let sectors = Int.random(in: 0...bytes.count / 512, using: &random)
                    kept = .write(offset: offset, Array(bytes.prefix(sectors * 512)))
                }
                Self.apply(kept, to: &nodes[node].durableContent)
            }
            for change in nodes[node].pendingNames {
                guard let rename = change.rename else {
                    if Bool.random(using: &random) { nodes[node].durableNames[change.name] = change.node }
                    continue
                }
                let isWithin = nodes[node].pendingNames.count { $0.rename == rename } == 2
                let fate = fates[rename] ?? (isWithin ? [0, 2] : [0, 1, 2]).randomElement(using: &random)!
                fates[rename] = fate
                if fate == 2 || (fate == 1 && change.node != nil) {
                    nodes[node].durableNames[change.name] = change.node
                }
            }
        }
    }

    private func write(_ node: Int, to path: FilePath, _ places: inout [Int: FilePath]) throws {
        if let other = places[node] {
            try FileManager.default.linkItem(atPath: other.string, toPath: path.string)
        } else if nodes[node].isFolder {
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
            for (name, child) in nodes[node].durableNames { try write(child, to: path.appending(name), &places) }
        } else {
            try Data(nodes[node].durableContent).write(to: URL(fileURLWithPath: path.string))
            places[node] = path
        }
    }
}
