import ArgumentParser
import Imaging
import ModelLocation
import SRGAN
import SystemPackage

/// `--overlap`: a number of pixels, or "exact".
struct OverlapArgument: ExpressibleByArgument, Sendable {
    var value: TileSettings.Overlap

    static let standard = OverlapArgument(value: TileSettings.defaultOverlap)

    init(value: TileSettings.Overlap) {
        self.value = value
    }

    init?(argument: String) {
        if argument == "exact" {
            value = .exact
        } else if let pixels = Int(argument), (0...512).contains(pixels) {
            value = .pixels(pixels)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        switch value {
        case .pixels(let count): String(count)
        case .exact: "exact"
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

/// `--model`: the name of a model to look up, or a path, which need not be UTF-8.
enum ModelArgument {
    /// Opens a model: a model file, or another project's checkpoint, which is converted in memory.
    ///
    /// - verbose: true to list the searched folders in the error.
    /// - Returns: the model, its path, and remarks about the conversion.
    static func open(_ argument: String, verbose: Bool) throws -> (model: ModelFile, path: FilePath, notes: [String]) {
        let path = try locate(argument, verbose: verbose)
        let (model, notes) = try open(path)
        return (model, path, notes)
    }

    /// Opens the model in a file.
    static func open(_ path: FilePath) throws -> (model: ModelFile, notes: [String]) {
        if let model = try? ModelFile(contentsOf: path),
            CheckpointFamily(keys: Set(model.tensors.keys)) == .referenceImplementation
        {
            return (model, [])
        }
        // Any other file is read as a checkpoint of another project. If it cannot be converted, the thrown error says why.
        let foreign = try ForeignModel(contentsOf: path)
        return (foreign.model, foreign.notes)
    }

    /// Finds the model's file.
    ///
    /// - verbose: true to list the searched folders in the error.
    static func locate(_ argument: String, verbose: Bool) throws -> FilePath {
        // A checkpoint has no name that could be searched.
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

/// `--verbose`, for every command that takes the name of a model.
struct VerboseOption: ParsableArguments {
    @Flag(name: .shortAndLong, help: "List the searched folders when a model is not found.")
    var verbose = false
}
