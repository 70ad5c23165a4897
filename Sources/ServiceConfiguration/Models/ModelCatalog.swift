import ConfigurationFile
import Glibc
import LinuxSupport
import ModelLocation
import SystemPackage

/// Finds the models of each inbox and keeps private copies, named by their hashes. A job thus runs with exactly the
/// models it was queued for, even if the original model files change afterwards.
///
/// For a combination of several models there is also a file with their hashes, which is named by its own hash.
package struct ModelCatalog: Sendable {
    /// The folder of the private copies, `STATE/models`.
    package let folder: FilePath

    /// Creates the catalog of a state folder. Reads and writes nothing.
    package init(stateFolder: FilePath) {
        folder = stateFolder.appending("models")
    }

    /// The models of a configuration's inboxes, in the order of the inboxes.
    ///
    /// - judge: checks the model files of an inbox and throws a `DaemonError` if no worker can use them.
    /// - Throws: `DaemonError` with every inbox whose model is missing or unusable; or with code `passing` if this could
    ///   not be found out.
    package static func resolve(
        _ configuration: Configuration, locator: ModelLocator, judge: ([FilePath], _ texture: Double?) throws -> Void
    ) throws -> [ResolvedModel] {
        let base = configuration.file.removingLastComponent()
        var known: [InboxConfiguration.ModelChoice: Result<ResolvedModel, DaemonError>] = [:]
        var mistakes: [ConfigurationMistake] = []
        var models: [ResolvedModel] = []
        for (index, inbox) in configuration.inboxes.enumerated() {
            let choice = inbox.modelChoice
            let result = try known[choice] ?? look(for: choice, base: base, locator: locator, judge: judge)
            known[choice] = result
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
        let temporary = TemporaryOutput.path(in: folder, id: 0)
        for part in models.flatMap(\.parts) where try !hasIntactCopy(of: part.sha256) {
            let target = path(of: part.sha256)
            let source = try RegularFile.open(part.path)
            defer { try? source.close() }
            try AtomicFile.write(to: target, temporary: temporary, permissions: [.ownerRead]) { descriptor in
                let (sha256, _) = try DurableFile.copy(from: source, to: descriptor, name: part.path)
                guard sha256 == part.sha256 else {
                    throw FileError(.changed, "The model \(part.path.escaped) changed while it was read.")
                }
            }
            made.append(target)
        }
        for model in models where model.parts.count > 1 {
            let target = combinationPath(of: model.sha256)
            if try isIntact(target, sha256: model.sha256) { continue }
            try AtomicFile.write(
                Array(model.combination.text.utf8), to: target, temporary: temporary, permissions: [.ownerRead])
            made.append(target)
        }
        return made
    }

    /// The copies of a job's models, and how they make one model. The files need not exist.
    ///
    /// - sha256: the hash of a model, or of a combination of models.
    /// - Throws: `FileError` when the list of a combination's models cannot be read for a reason that may pass.
    package func copies(of sha256: String) throws -> (files: [FilePath], texture: Double?) {
        let list = combinationPath(of: sha256)
        let single = (files: [path(of: sha256)], texture: nil as Double?)
        guard try FileStamp.existing(list) != nil else { return single }
        let text: [UInt8]
        do {
            text = try RegularFile.read(list, limit: 1 << 16)
        } catch let error as FileError where !error.isPassing {
            return single
        }
        // A damaged list names no models. The path that is returned then does not exist.
        guard let combination = ModelCombination(text: String(decoding: text, as: UTF8.self)),
            combination.sha256 == sha256
        else { return single }
        return (combination.hashes.map(path(of:)), combination.texture)
    }

    /// True if a model's copy is a regular file that only this user or root can write, with the right hash.
    ///
    /// - Throws: `FileError` when the copy cannot be read for a reason that may pass.
    package func hasIntactCopy(of sha256: String) throws -> Bool { try isIntact(path(of: sha256), sha256: sha256) }

    private func isIntact(_ path: FilePath, sha256: String) throws -> Bool {
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
    ///
    /// - needed: the hashes of models and of combinations.
    /// - Throws: `FileError` when it cannot be found out which models a combination has.
    package func removeOthers(than needed: Set<String>) throws {
        let kept = try Set(needed.flatMap { try copies(of: $0).files + [combinationPath(of: $0)] })
        for file in FolderListing.files(in: folder) where !kept.contains(file) {
            try? DurableFile.remove(file)
        }
    }

    /// The path of a model's copy.
    package func path(of sha256: String) -> FilePath { folder.appending("\(sha256).safetensors") }

    /// The path of the list of a combination's models.
    private func combinationPath(of sha256: String) -> FilePath { folder.appending("\(sha256).combination") }

    private static func look(
        for choice: InboxConfiguration.ModelChoice, base: FilePath, locator: ModelLocator,
        judge: ([FilePath], _ texture: Double?) throws -> Void
    ) throws -> Result<ResolvedModel, DaemonError> {
        do {
            let parts = try choice.files.map { name in
                let path = base.pushing(try locator.locate(name)).lexicallyNormalized()
                return try ResolvedModel.Part(name: name, path: path, sha256: RegularFile.sha256(path))
            }
            try judge(parts.map(\.path), choice.mixedTexture)
            return .success(ResolvedModel(parts: parts, texture: choice.mixedTexture))
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
