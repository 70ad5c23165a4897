import LinuxSupport
import SystemPackage

/// The pattern, with placeholders, by which outputs are named. It is applied to bytes, since file names need not be
/// UTF-8.
package struct OutputNaming: Sendable, Equatable {
    /// Why a pattern is rejected.
    package struct PatternError: Error {
        /// What is wrong with the pattern: a sentence without its subject, such as "must not begin with a dot."
        package let message: String
    }

    /// The pattern that keeps the original's name.
    package static let defaultPattern = "{stem}{extension}"
    /// The naming with the default pattern.
    package static let `default` = try! OutputNaming(pattern: defaultPattern)
    /// Stands for `{id}` in a name until the job has an id. It contains a control byte, so that no pattern contains it
    /// by accident.
    private static let idMark: [UInt8] = [0x1, 0x69, 0x64, 0x1]
    /// Stands for `{scale}` in a name until the worker has reported the sizes of the image and the output.
    private static let scaleMark: [UInt8] = [0x1, 0x78, 0x1]
    private static let longestName = 255
    /// The bytes of a stem that are kept when a name is shortened: room for one character of UTF-8.
    private static let leastStem = 4

    private enum Part: Sendable, Equatable {
        case text([UInt8])
        case stem, ext, scale, model, id
    }

    private let parts: [Part]
    /// The pattern as configured.
    package let pattern: String

    /// Parses a pattern.
    package init(pattern: String) throws(PatternError) {
        self.pattern = pattern
        var parts: [Part] = []
        var rest = Substring(pattern)
        while let open = rest.firstIndex(of: "{") {
            if open != rest.startIndex { parts.append(.text(Array(rest[..<open].utf8))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw PatternError(message: "has a { without its }.")
            }
            switch rest[rest.index(after: open)..<close] {
            case "stem": parts.append(.stem)
            case "extension": parts.append(.ext)
            case "scale": parts.append(.scale)
            case "model": parts.append(.model)
            case "id": parts.append(.id)
            case let other:
                throw PatternError(
                    message: "has the unknown placeholder {\(other)}; known: {stem} {extension} {scale} {model} {id}.")
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        guard parts.last == .ext else { throw PatternError(message: "must end with {extension}.") }
        guard parts.contains(.stem) || parts.contains(.id) else {
            throw PatternError(message: "must contain {stem} or {id}, else all outputs would have the same name.")
        }
        guard !pattern.contains("/") else { throw PatternError(message: "must be a name, without a slash.") }
        guard !pattern.hasPrefix(".") else { throw PatternError(message: "must not begin with a dot.") }
        self.parts = parts
    }

    /// The name for the output of an original. `{id}` and `{scale}` are not filled in yet; `finalName` does that later.
    package func name(
        for original: FilePath.Component, format: InboxConfiguration.Format, models: [String]
    ) -> FilePath.Component {
        let (stem, ext) = Self.split(Self.bytes(original))
        let wished = Self.wishedExtension(original: ext, format: format)
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var stemAt: Int?
        for part in parts {
            switch part {
            case .text(let bytes): head += bytes
            case .stem:
                stemAt = stemAt ?? head.count
                head += stem
            case .ext: tail += wished
            case .scale: head += Self.scaleMark
            case .model: head += models.map(Self.modelName).joined(separator: [UInt8(ascii: "+")])
            case .id: head += Self.idMark
            }
        }
        // A name has at most 255 bytes. The original's stem is shortened to make room for the pattern's text. Whatever is
        // too long after that, `finalName` shortens.
        let idDigits = parts.contains(.id) ? 16 : 0
        let excess = head.count + tail.count + idDigits - Self.longestName
        if excess > 0, let stemAt {
            let kept = Self.cut(max(Self.leastStem, stem.count - excess), in: stem)
            head.replaceSubrange(stemAt..<stemAt + stem.count, with: stem[..<kept])
        }
        return Self.component(head + tail)
    }

    /// Replaces `{id}` with the job's id and `{scale}` with the upscaling factor. Corrects the extension if it does not match the format that the worker wrote.
    ///
    /// - format: the format that the worker wrote (`jpeg`, `png`, `webp`, `tiff`); nil keeps the extension.
    package static func finalName(
        _ name: FilePath.Component, id: Int64, scale: Int, format: String?
    ) -> FilePath.Component {
        var bytes = bytes(name)
        for (mark, text) in [(idMark, String(id)), (scaleMark, String(scale))] {
            while let range = firstRange(of: mark, in: bytes) { bytes.replaceSubrange(range, with: Array(text.utf8)) }
        }
        let (stem, ext) = split(bytes)
        guard let format, let right = extensions[format], !right.contains(lowercased(ext)) else {
            return fitted(stem, mark: "", ext: ext)
        }
        // The text after the last dot is either an image extension to replace, or a part of the name to keep.
        let isImageExtension = extensions.values.contains { $0.contains(lowercased(ext)) }
        return fitted(isImageExtension ? stem : bytes, mark: "", ext: Array(right[0].utf8))
    }

    /// The name to try when the earlier ones are taken: "a.jpg" for number 1, then "a (2).jpg", "a (3).jpg".
    package static func alternative(_ name: FilePath.Component, number: Int) -> FilePath.Component {
        guard number > 1 else { return name }
        let (stem, ext) = split(bytes(name))
        return fitted(stem, mark: " (\(number))", ext: ext)
    }

    /// The name with a suffix; the name is shortened if the result would be too long.
    package static func name(_ name: FilePath.Component, endingIn suffix: String) -> FilePath.Component {
        fitted(bytes(name), mark: "", ext: Array(suffix.utf8))
    }

    /// Joins stem, mark and extension. If the name would be too long, the stem is shortened, and then the extension: what
    /// follows the last dot may be the long part of a name.
    private static func fitted(_ stem: [UInt8], mark: String, ext: [UInt8]) -> FilePath.Component {
        let room = longestName - mark.utf8.count
        let keptExtension = ext[..<cut(room - min(stem.count, leastStem), in: ext)]
        return component(stem[..<cut(room - keptExtension.count, in: stem)] + mark.utf8 + keptExtension)
    }

    // MARK: - Bytes

    /// Extensions by format, the preferred one first.
    private static let extensions: [String: [String]] = [
        "jpeg": [".jpg", ".jpeg", ".jpe", ".jfif"], "jpg": [".jpg", ".jpeg", ".jpe", ".jfif"],
        "png": [".png"], "webp": [".webp"], "tiff": [".tif", ".tiff"], "tif": [".tif", ".tiff"],
    ]

    private static func wishedExtension(original: [UInt8], format: InboxConfiguration.Format) -> [UInt8] {
        guard let known = extensions[format.rawValue] else { return original }
        return known.contains(lowercased(original)) ? original : Array(known[0].utf8)
    }

    private static func modelName(_ model: String) -> [UInt8] {
        let last = model.split(separator: "/").last.map(String.init) ?? model
        return split(Array(last.utf8)).stem
    }

    /// Splits before the last dot. A leading dot does not begin an extension.
    private static func split(_ bytes: [UInt8]) -> (stem: [UInt8], ext: [UInt8]) {
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return (bytes, []) }
        return (Array(bytes[..<dot]), Array(bytes[dot...]))
    }

    /// The nearest position at or before `index` that does not split a UTF-8 character, but not behind the end.
    private static func cut(_ index: Int, in bytes: [UInt8]) -> Int {
        guard index < bytes.count else { return bytes.count }
        var place = index
        while place > 1, place < bytes.count, bytes[place] & 0xC0 == 0x80, index - place < 3 { place -= 1 }
        return place
    }

    private static func firstRange(of needle: [UInt8], in bytes: [UInt8]) -> Range<Int>? {
        guard bytes.count >= needle.count else { return nil }
        for start in 0...(bytes.count - needle.count) where Array(bytes[start..<start + needle.count]) == needle {
            return start..<start + needle.count
        }
        return nil
    }

    private static func lowercased(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).lowercased() }

    private static func bytes(_ name: FilePath.Component) -> [UInt8] { name.bytes }

    private static func component(_ bytes: some Sequence<UInt8>) -> FilePath.Component {
        FilePath.Component(bytes: bytes)
    }
}
