import Imaging

/// The output format that the command line asks for. The extension of OUTPUT decides it; if there is none, `--format`
/// decides it.
struct OutputFormat {
    /// The requested format; nil for the input's format.
    let requested: ImageFormat?
    /// True if `--format same` was given. The extension of OUTPUT, if there is one, must then name `preferredOutput` of
    /// the input's format.
    private let isSame: Bool

    /// Throws a usage `Failure` if the extension of OUTPUT is unknown, or if `--format` contradicts it.
    init(option: FormatArgument?, output: String) throws {
        isSame = option.map { $0.value == nil } ?? false
        guard output != "-", let name = ArgumentBytes.path(of: output).extension, !name.isEmpty else {
            requested = option?.value
            return
        }
        let shown = ArgumentBytes.shown(output)
        guard let named = ImageFormat(fileExtension: name) else {
            throw Failure.usage(
                "\(shown): '.\(ArgumentBytes.shown(name))' is not an image format that can be written. Known: \(Self.known)."
            )
        }
        if let format = option?.value, format != named {
            throw Failure.usage(
                "\(shown): --format \(format.fileExtension) contradicts the name, which says \(named.displayName). "
                    + "Change one of them, or leave out --format.")
        }
        requested = named
    }

    /// The format to write for an image.
    ///
    /// Throws a usage `Failure` if `--format same` asks for another format than the name of OUTPUT.
    func resolve(input: ImageFormat) throws -> ImageFormat {
        let same = input.preferredOutput
        if isSame, let requested, requested != same {
            throw Failure.usage(
                "--format same asks for \(same.displayName) here, but the name of the output says "
                    + "\(requested.displayName). Change one of them, or leave out --format.")
        }
        return requested ?? same
    }

    /// The extensions of all formats that can be written.
    static var known: String {
        ImageFormat.writable.flatMap(\.fileExtensions).map { "." + $0 }.joined(separator: " ")
    }
}
