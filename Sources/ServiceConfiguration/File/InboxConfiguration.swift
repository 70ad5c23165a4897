import ConfigurationFile
import ModelLocation
import SystemPackage

/// One `[[inbox]]`: a watched folder and how its files are processed.
package struct InboxConfiguration: Sendable, Equatable {
    /// The format of the output file.
    package enum Format: String, Sendable, CaseIterable {
        /// The format of the input.
        case same
        /// PNG.
        case png
        /// JPEG.
        case jpg
        /// WebP.
        case webp
        /// TIFF.
        case tif
    }

    /// What happens to an original after its output is published.
    package enum Originals: String, Sendable, CaseIterable {
        /// It moves to the archive folder.
        case archive
        /// It stays where it is.
        case keep
        /// It is deleted.
        case delete
    }

    /// The watched folder, absolute.
    package var path: FilePath
    /// The folder for outputs; subfolders of the inbox are mirrored in it.
    package var outbox: FilePath
    /// The folder for originals whose output is published.
    package var archive: FilePath
    /// The folder for originals whose job failed, each with a file that states the reason.
    package var failed: FilePath
    /// The names or paths of the models, which run one after another; most inboxes have one.
    package var models: [String]
    /// The share of the model in a mixture with its fidelity model, 0 to 1; nil for the model alone.
    package var texture: Double?
    /// The fidelity model of the mixture; nil if there is no mixture.
    package var fidelityModel: String?
    /// The outputs' format.
    package var format: Format
    /// Quality of JPEG and WebP outputs, 1 to 100.
    package var quality: Int
    /// Compression level of PNG outputs, 0 to 9; nil leaves the choice to the worker.
    package var compression: Int?
    /// The pattern for the names of outputs.
    package var naming: OutputNaming
    /// What happens to originals.
    package var originals: Originals
    /// Seconds for which a file must stay unchanged before it is taken.
    package var settleSeconds: Double
    /// Seconds for which a file must stay unchanged that may be unfinished: it is empty, or the service cannot know
    /// whether a program still has it open for writing.
    package var unfinishedSettleSeconds: Double
    /// True if subfolders belong to the inbox.
    package var recursive: Bool
    /// Globs of names to ignore, in addition to the built-in ones.
    package var ignore: [String]
    /// The mount without which the inbox is not scanned; nil: none is required.
    package var requiredMount: RequiredMount?
    /// A file in the inbox without which the inbox is not scanned; nil: none is required.
    package var marker: FilePath.Component?
    /// True to remove a subfolder of the inbox when the service has moved or deleted the last file in it.
    package var removeEmpty: Bool
    /// True if EXIF, XMP and IPTC are kept in the output.
    package var keepMetadata: Bool
    /// True if a kept EXIF block may contain the place where the image was taken.
    package var keepGPS: Bool

    /// Reads one `[[inbox]]` table; nil when `path` or `outbox` is unusable. Adds all mistakes to those of the file.
    package init?(_ table: ConfigurationTable, base: FilePath) {
        let path = table.requiredPath("path", example: "inbox", base: base)
        let outbox = table.requiredPath("outbox", example: "outbox", base: base)
        let archive = table.path("archive", base: base)
        let failed = table.path("failed", base: base)
        models = table.stringOrStrings("model") ?? [ModelLocator.defaultModel]
        if models.count > 1, let name = models.first(where: { $0.contains(",") }) {
            table.add(
                "model", "names several models, and none of their names may have a comma, but one is \"\(name)\".")
        }
        texture = table.number("texture", in: 0...1)
        let fidelityModel = table.string("fidelity_model")
        self.fidelityModel = texture == nil ? nil : fidelityModel ?? ModelLocator.fidelityModel(of: models.last ?? "")
        if texture != nil, models.count > 1 {
            table.add("texture", "works with one model, but model names \(models.count).")
        } else if texture != nil, self.fidelityModel == nil {
            table.add(
                "texture", "needs the fidelity model of \"\(models.last ?? "")\": name it in fidelity_model.")
        }
        if fidelityModel != nil, texture == nil { table.add("fidelity_model", "has no effect without texture.") }
        format = table.choice("format", Format.self, synonyms: ["jpeg": .jpg, "tiff": .tif]) ?? .same
        quality = table.integer("quality", in: 1...100) ?? 90
        compression = table.integer("compression", in: 0...9)
        let pattern = table.string("naming") ?? OutputNaming.defaultPattern
        do {
            naming = try OutputNaming(pattern: pattern)
        } catch {
            table.add("naming", error.message)
            naming = OutputNaming.default
        }
        originals = table.choice("originals", Originals.self) ?? .archive
        settleSeconds = table.seconds("settle_seconds", in: 0...86_400) ?? 5
        unfinishedSettleSeconds = table.seconds("unfinished_settle_seconds", in: 0...86_400) ?? 60
        recursive = table.bool("recursive", default: true)
        ignore = table.strings("ignore") ?? []
        requiredMount = table.boolOrPath("require_mount", base: base).map { $0.map(RequiredMount.at) ?? .anyMount }
        marker = table.name("marker")
        removeEmpty = table.bool("remove_empty", default: false)
        keepMetadata = table.bool("keep_metadata", default: true)
        keepGPS = table.bool("keep_gps", default: false)
        if let path, case .at(let point) = requiredMount, !path.starts(with: point) {
            table.add("require_mount", "must be the inbox or a folder above it, but is \(point.escaped).")
        }
        table.finish()
        guard let path, let outbox else { return nil }
        self.path = path
        self.outbox = outbox
        let parent = path.removingLastComponent()
        self.archive = archive ?? parent.appending("archive")
        self.failed = failed ?? parent.appending("failed")
    }
}
