import ArgumentParser
import Glibc
import Imaging
import ModelLocation
import SRGAN
import SystemPackage

/// `--overlap`: a number of pixels, or "exact".
struct OverlapArgument: ExpressibleByArgument, Sendable {
    var value: TileSettings.Overlap

    init?(argument: String) {
        if argument == "exact" {
            value = .exact
        } else if let pixels = Int(argument), (0...512).contains(pixels) {
            value = .pixels(pixels)
        } else {
            return nil
        }
    }
}

/// `--format`: the input's format ("same"), or a writable format.
struct FormatArgument: ExpressibleByArgument, Sendable {
    /// The format; nil for the input's format.
    var value: ImageFormat?

    init?(argument: String) {
        if argument == "same" { return }
        guard let format = ImageFormat(fileExtension: argument) else { return nil }
        value = format
    }
}

/// `--model`: the name of a model to look up, or a path, which need not be UTF-8; or several, separated by commas, that
/// run one after another.
enum ModelArgument {
    /// Opens the models of a chain, which most often has one.
    ///
    /// - verbose: true to list the searched folders in the error.
    static func openChain(_ argument: String, verbose: Bool) throws -> [(model: ModelFile, path: FilePath)] {
        try names(argument).map { name in
            guard !name.isEmpty else {
                throw Failure.usage("\"\(argument)\" has no model before or after a comma.")
            }
            return try open(name, verbose: verbose)
        }
    }

    /// The models that an argument names. Commas separate them, unless there is one model with this whole name or path.
    private static func names(_ argument: String) -> [String] {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let path = try? locate(argument, verbose: false) else { return parts }
        return path.withPlatformString { access($0, F_OK) } == 0 ? [argument] : parts
    }

    /// Opens the models of a chain, or the mixture of a model with its fidelity model.
    ///
    /// - Returns: the models that run one after another, and the hash that identifies them together.
    static func open(
        _ arguments: [String], texture: Double?, fidelityModel: String?, verbose: Bool
    ) throws -> (models: [(model: ModelFile, path: FilePath)], sha256: String) {
        let opened = try arguments.flatMap { try openChain($0, verbose: verbose) }
        guard let texture else {
            return (opened, ModelCombination(hashes: opened.map(\.model.sha256)).sha256)
        }
        guard opened.count == 1, let argument = arguments.first else {
            throw Failure.usage("--texture works with one model, but there are \(opened.count).")
        }
        guard let name = fidelityModel ?? ModelLocator.fidelityModel(of: argument) else {
            throw Failure.usage("--texture needs the fidelity model of \(argument): name it with --fidelity-model.")
        }
        let fidelity = try open(name, verbose: verbose)
        switch texture {
        case 0: return ([fidelity], fidelity.model.sha256)
        case 1: return (opened, opened[0].model.sha256)
        default:
            let hashes = [fidelity.model.sha256, opened[0].model.sha256]
            let sha256 = ModelCombination(hashes: hashes, texture: texture).sha256
            let mixture = try ModelFile.mix(fidelity.model, opened[0].model, texture: texture, sha256: sha256)
            return ([(mixture, opened[0].path)], sha256)
        }
    }

    /// Opens a model: a model file, or a checkpoint of another project, which is converted in memory.
    ///
    /// - verbose: true to list the searched folders in the error.
    /// - Returns: the model and its path.
    static func open(_ argument: String, verbose: Bool) throws -> (model: ModelFile, path: FilePath) {
        let path = try locate(argument, verbose: verbose)
        return (try ModelFile.opening(path), path)
    }

    /// Finds the model's file.
    ///
    /// - verbose: true to list the searched folders in the error.
    static func locate(_ argument: String, verbose: Bool) throws -> FilePath {
        // A text with the extension of a checkpoint is a path, which need not be UTF-8.
        if argument.contains("/") || [".pth", ".pt"].contains(where: argument.hasSuffix) {
            return ArgumentBytes.path(of: argument)
        }
        do {
            return try ModelLocator().locate(argument)
        } catch {
            var error = error
            error.listsFolders = verbose
            throw error
        }
    }
}

/// `--texture` and `--fidelity-model`: a mixture of a perceptual model with a fidelity model.
struct TextureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From 0, only what the image proves, to 1, all invented texture (default: 1).", valueName: "share"))
    var texture: Double?

    @Option(
        help: ArgumentHelp(
            "The model of texture 0, of the same shape (default: the one that belongs to the model).",
            valueName: "name|path"))
    var fidelityModel: String?

    func validate() throws {
        guard texture.map({ (0...1).contains($0) }) ?? true else {
            throw ValidationError("--texture must be 0 to 1.")
        }
        guard fidelityModel == nil || texture != nil else {
            throw ValidationError("--fidelity-model has no effect without --texture.")
        }
    }
}

/// `--verbose`, for every command that takes the name of a model.
struct VerboseOption: ParsableArguments {
    @Flag(name: .shortAndLong, help: "List the searched folders when a model is not found.")
    var verbose = false
}
