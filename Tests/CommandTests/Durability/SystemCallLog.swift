import Foundation
import SystemPackage

/// A change that a program made to the files below a folder; paths are relative to the folder.
enum DiskEvent: Equatable {
    case makeFolder(String)
    /// Opened with O_CREAT: created unless it existed.
    case create(String, truncate: Bool)
    /// Written at an offset, or, if it is nil, at the end.
    case write(String, offset: Int?, [UInt8])
    case truncate(String, size: Int)
    /// fsync or fdatasync of a file or a folder.
    case sync(String)
    case rename(String, String)
    case link(String, String)
    case remove(String)
}

/// strace's log of a daemon and its workers, with every byte, in the order in which the calls returned.
struct SystemCallLog {
    private static let calls =
        "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat"

    /// strace and its arguments, to be placed before the command.
    static func wrapper(log: FilePath) -> [String] {
        ["/usr/bin/strace", "-f", "-y", "-xx", "-s", "10000000", "-o", log.string, "-e", "signal=none"]
            + ["-e", "trace=\(calls)"]
    }

    let events: [DiskEvent]

    init(file: FilePath, root: FilePath) throws {
        var pending: [Substring: String] = [:]
        var events: [DiskEvent] = []
        for line in try String(contentsOfFile: file.string, encoding: .utf8).split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let pid = line[..<space]
            var text = String(line[space...].drop { $0 == " " })
            if text.hasSuffix("<unfinished ...>") {
                pending[pid] = String(text.dropLast("<unfinished ...>".count))
                continue
            }
            if text.hasPrefix("<... "), let end = text.range(of: "resumed>") {
                text = (pending.removeValue(forKey: pid) ?? "") + text[end.upperBound...]
            }
            if let event = Self.event(text, root: root) { events.append(event) }
        }
        self.events = events
    }

    private static func event(_ text: String, root: FilePath) -> DiskEvent? {
        guard let open = text.firstIndex(of: "("), let equals = text.range(of: " = ", options: .backwards),
            !text[equals.upperBound...].hasPrefix("-"), !text[equals.upperBound...].hasPrefix("?")
        else { return nil }
        let arguments = text[text.index(after: open)..<equals.lowerBound].components(separatedBy: ", ")
        let files = strings(text[..<equals.lowerBound], from: "<", to: ">")
        let names = paths(arguments)
        func below(_ bytes: [UInt8]?) -> String? {
            guard let bytes else { return nil }
            var path = FilePath(String(decoding: bytes, as: UTF8.self))
            guard path.removePrefix(root) else { return nil }
            let name = path.string
            // Rebuilt after a power cut, or not written by the service.
            let isForeign = name.hasSuffix("-shm") || name.hasPrefix("log-") || name.hasPrefix("strace")
            return isForeign ? nil : name
        }
        // A write may return less than the given length.
        let result = Int(text[equals.upperBound...].prefix { $0.isNumber }) ?? 0
        switch text[..<open] {
        case "openat":
            guard text.contains("O_CREAT"), let path = below(names.first) else { return nil }
            return .create(path, truncate: text.contains("O_TRUNC"))
        case "write", "pwrite64":
            guard let path = below(files.first),
                let bytes = strings(text[..<equals.lowerBound], from: "\"", to: "\"").first
            else { return nil }
            let offset = text.hasPrefix("pwrite64") ? arguments.last.flatMap { Int($0.filter(\.isNumber)) } : nil
            return .write(path, offset: offset, Array(bytes.prefix(result)))
        case "ftruncate":
            let size = arguments.last.flatMap { Int($0.filter(\.isNumber)) }
            return below(files.first).flatMap { path in size.map { .truncate(path, size: $0) } }
        case "fsync", "fdatasync": return below(files.first).map { .sync($0) }
        case "mkdir", "mkdirat": return below(names.first).map { .makeFolder($0) }
        case "unlink", "unlinkat": return below(names.first).map { .remove($0) }
        case "rename", "renameat", "renameat2", "link", "linkat":
            guard names.count == 2, let from = below(names[0]), let target = below(names[1]) else { return nil }
            return text.hasPrefix("rename") ? .rename(from, target) : .link(from, target)
        default: return nil
        }
    }

    /// The paths among the arguments of a call. A relative name belongs to the folder whose descriptor stands before it.
    private static func paths(_ arguments: [String]) -> [[UInt8]] {
        var folder: [UInt8]?
        var paths: [[UInt8]] = []
        for argument in arguments {
            let text = Substring(argument)
            guard let name = strings(text, from: "\"", to: "\"").first else {
                folder = strings(text, from: "<", to: ">").first
                continue
            }
            let isAbsolute = name.first == UInt8(ascii: "/")
            paths.append(isAbsolute ? name : (folder ?? []) + [UInt8(ascii: "/")] + name)
        }
        return paths
    }

    /// Decodes the strings of hexadecimal escapes between two delimiters.
    private static func strings(_ text: Substring, from: Character, to: Character) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = text
        while let begin = rest.firstIndex(of: from) {
            let body = rest[rest.index(after: begin)...]
            guard let end = body.firstIndex(of: to) else { break }
            found.append(decode(body[..<end]))
            rest = body[body.index(after: end)...]
        }
        return found
    }

    private static func decode(_ text: Substring) -> [UInt8] {
        func digit(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte - 0x30 : byte - 0x57 }
        let bytes = Array(text.utf8)
        // \x41\x42: four characters per byte.
        guard bytes.count.isMultiple(of: 4), bytes.first == UInt8(ascii: "\\") else { return bytes }
        return stride(from: 0, to: bytes.count, by: 4).map { digit(bytes[$0 + 2]) << 4 | digit(bytes[$0 + 3]) }
    }
}
