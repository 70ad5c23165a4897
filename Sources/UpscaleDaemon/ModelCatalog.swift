import Foundation
import SystemPackage

/// A model file that an inbox names.
struct ResolvedModel: Sendable, Equatable {
    /// As configured.
    let name: String
    let path: FilePath
    /// Lower-case hexadecimal.
    let sha256: String
}

/// Finds the model of each inbox and keeps a private copy under its hash, so that a job runs with the very model it was
/// queued for, whatever happens to the file afterwards.
struct ModelCatalog: Sendable {
    private static let longestHeader = 100_000_000

    let folder: FilePath

    init(stateFolder: FilePath) {
        folder = stateFolder.appending("models")
    }

    /// The models of a configuration's inboxes, in their order.
    ///
    /// - Throws: `DaemonError` with every inbox whose model is missing or no complete safetensors file.
    static func resolve(_ configuration: Configuration, finder: ModelFinder) throws -> [ResolvedModel] {
        var known: [String: Result<ResolvedModel, DaemonError>] = [:]
        var mistakes: [ConfigurationMistake] = []
        var models: [ResolvedModel] = []
        for (index, inbox) in configuration.inboxes.enumerated() {
            let result = known[inbox.model] ?? look(for: inbox.model, finder: finder)
            known[inbox.model] = result
            switch result {
            case .success(let model): models.append(model)
            case .failure(let error):
                let key = "inbox[\(index + 1)].model"
                let text = (try? RegularFile.read(configuration.file, limit: 1 << 20)) ?? []
                let lines = ConfigurationLines(text: String(decoding: text, as: UTF8.self))
                mistakes.append(
                    ConfigurationMistake(
                        file: configuration.file.escaped, line: lines.line(of: key), key: key, problem: error.message))
            }
        }
        guard mistakes.isEmpty else { throw DaemonError(mistakes: mistakes) }
        return models
    }

    /// Keeps private copies of these models.
    func keep(_ models: [ResolvedModel]) throws {
        try DurableFile.createFolder(folder, permissions: 0o755)
        for model in models {
            let target = path(of: model.sha256)
            if FileStamp.of(target) != nil { continue }
            let source = try RegularFile.open(model.path)
            defer { try? source.close() }
            let temporary = TemporaryOutput.path(in: folder, id: 0)
            let descriptor = try DurableFile.create(temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead])
            defer { try? descriptor.close() }
            do {
                let (sha256, _) = try DurableFile.copy(from: source, to: descriptor, name: model.path)
                guard sha256 == model.sha256 else {
                    throw DaemonError(.changed, "The model \(model.path.escaped) changed while it was read.")
                }
                try DurableFile.sync(descriptor, name: temporary)
                _ = try DurableFile.renameWithoutReplacing(temporary, to: target)
                try DurableFile.syncFolder(folder)
            } catch {
                try? DurableFile.remove(temporary)
                throw error
            }
        }
    }

    /// Removes the copies of models that are neither configured nor needed by a job.
    func removeOthers(than needed: Set<String>) {
        let kept = Set(needed.map(path(of:)))
        for file in FolderListing.files(in: folder) where !kept.contains(file) {
            try? DurableFile.remove(file)
        }
    }

    /// Where the copy of a model is.
    func path(of sha256: String) -> FilePath { folder.appending("\(sha256).safetensors") }

    private static func look(for name: String, finder: ModelFinder) -> Result<ResolvedModel, DaemonError> {
        do {
            let path = try finder.find(name)
            let descriptor = try RegularFile.open(path)
            defer { try? descriptor.close() }
            try checkLength(of: descriptor, path: path)
            return .success(ResolvedModel(name: name, path: path, sha256: try RegularFile.sha256(path)))
        } catch let error as DaemonError {
            return .failure(error)
        } catch {
            return .failure(DaemonError(.configuration, "\(error)"))
        }
    }

    /// A safetensors file begins with the length of a JSON header, which says how long the rest is: enough to notice a
    /// truncated file before any job fails for it. Whether the tensors are those of a generator is the worker's to
    /// judge.
    private static func checkLength(of descriptor: FileDescriptor, path: FilePath) throws {
        func broken(_ why: String) -> DaemonError {
            DaemonError(.configuration, "names \(path.escaped), which \(why).")
        }
        let total = try descriptor.seek(offset: 0, from: .end)
        var prefix = [UInt8](repeating: 0, count: 8)
        guard total >= 10,
            try prefix.withUnsafeMutableBytes({ try descriptor.read(fromAbsoluteOffset: 0, into: $0) }) == 8
        else { throw broken("is too short to be a safetensors file") }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= 2, length <= longestHeader, Int64(length) <= total - 8 else {
            throw broken("is no safetensors file, or is truncated")
        }
        var header = [UInt8](repeating: 0, count: Int(length))
        guard
            try header.withUnsafeMutableBytes({ try descriptor.read(fromAbsoluteOffset: 8, into: $0) }) == header.count,
            let tensors = try? JSONSerialization.jsonObject(with: Data(header)) as? [String: Any]
        else { throw broken("is no safetensors file") }
        var end: Int64 = 0
        for case let tensor as [String: Any] in tensors.values {
            guard let offsets = tensor["data_offsets"] as? [NSNumber], offsets.count == 2 else { continue }
            end = max(end, offsets[1].int64Value)
        }
        guard end > 0 else { throw broken("holds no tensors") }
        guard total == 8 + Int64(length) + end else {
            throw broken("is truncated: it has \(total) bytes of \(8 + Int64(length) + end)")
        }
    }
}
