import ConfigurationFile
import Glibc
import LinuxSupport
import ModelLocation
import SystemPackage

/// A model file that an inbox names.
package struct ResolvedModel: Sendable, Equatable {
    /// The model's name or path, as configured.
    package let name: String
    /// The absolute path of the model file.
    package let path: FilePath
    /// The SHA-256 of the file, lower-case hexadecimal.
    package let sha256: String
}

/// Finds the model of each inbox and keeps a private copy, named by its hash. A job thus runs with exactly the model it
/// was queued for, even if the original model file changes afterwards.
package struct ModelCatalog: Sendable {
    /// The folder of the private copies, `STATE/models`.
    package let folder: FilePath

    /// Creates the catalog of a state folder. Reads and writes nothing.
    package init(stateFolder: FilePath) {
        folder = stateFolder.appending("models")
    }

    /// The models of a configuration's inboxes, in the order of the inboxes.
    ///
    /// - judge: checks a model file and throws a `DaemonError` if no worker can use it.
    /// - Throws: `DaemonError` with every inbox whose model is missing or unusable; or with code `passing` if this could
    ///   not be found out.
    package static func resolve(
        _ configuration: Configuration, locator: ModelLocator, judge: (FilePath) throws -> Void
    ) throws -> [ResolvedModel] {
        let base = configuration.file.removingLastComponent()
        var known: [String: Result<ResolvedModel, DaemonError>] = [:]
        var mistakes: [ConfigurationMistake] = []
        var models: [ResolvedModel] = []
        for (index, inbox) in configuration.inboxes.enumerated() {
            let result = try known[inbox.model] ?? look(for: inbox.model, base: base, locator: locator, judge: judge)
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

    /// Makes a private copy of each of these models, unless an intact copy exists already. A copy is not trusted by its
    /// name: if its bytes have another hash, or if another user could change it, it is made again.
    ///
    /// - Returns: the copies that existed and had to be replaced, or were missing.
    /// - Throws: `FileError`.
    @discardableResult
    package func keep(_ models: [ResolvedModel]) throws -> [FilePath] {
        try DurableFile.createFolder(folder, permissions: 0o700)
        var made: [FilePath] = []
        for model in models where try !hasIntactCopy(of: model.sha256) {
            let target = path(of: model.sha256)
            let source = try RegularFile.open(model.path)
            defer { try? source.close() }
            let temporary = TemporaryOutput.path(in: folder, id: 0)
            try AtomicFile.write(to: target, temporary: temporary, permissions: [.ownerRead]) { descriptor in
                let (sha256, _) = try DurableFile.copy(from: source, to: descriptor, name: model.path)
                guard sha256 == model.sha256 else {
                    throw FileError(.changed, "The model \(model.path.escaped) changed while it was read.")
                }
            }
            made.append(target)
        }
        return made
    }

    /// True if a model's copy is a regular file that only this user or root can write, with the right hash.
    ///
    /// - Throws: `FileError` when the copy cannot be read for a reason that may pass.
    package func hasIntactCopy(of sha256: String) throws -> Bool {
        let path = path(of: sha256)
        do {
            let descriptor = try FileDescriptor.open(
                path, .readOnly, options: [.noFollow, .closeOnExec, FileDescriptor.OpenOptions(rawValue: O_NONBLOCK)])
            defer { try? descriptor.close() }
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw FileError.system("examined", path) }
            return try status.st_mode & S_IFMT == S_IFREG && [geteuid(), 0].contains(status.st_uid)
                && status.st_mode & 0o022 == 0 && RegularFile.sha256(descriptor, name: path) == sha256
        } catch let error as Errno {
            let error = FileError.system("opened", path, number: error.rawValue)
            if error.isPassing { throw error }
            return false
        }
    }

    /// Removes copies of models that are neither configured nor needed by a job.
    package func removeOthers(than needed: Set<String>) {
        let kept = Set(needed.map(path(of:)))
        for file in FolderListing.files(in: folder) where !kept.contains(file) {
            try? DurableFile.remove(file)
        }
    }

    /// The path of a model's copy.
    package func path(of sha256: String) -> FilePath { folder.appending("\(sha256).safetensors") }

    private static func look(
        for name: String, base: FilePath, locator: ModelLocator, judge: (FilePath) throws -> Void
    ) throws -> Result<ResolvedModel, DaemonError> {
        do {
            let path = base.pushing(try locator.locate(name)).lexicallyNormalized()
            let sha256 = try RegularFile.sha256(path)
            try judge(path)
            return .success(ResolvedModel(name: name, path: path, sha256: sha256))
        } catch let error as DaemonError where error.code == .passing {
            throw error
        } catch let error as DaemonError {
            return .failure(error)
        } catch let error as FileError where error.isPassing {
            throw DaemonError(.passing, error.message)
        } catch {
            return .failure(DaemonError(.configuration, "\(error)"))
        }
    }
}
