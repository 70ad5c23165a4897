import LinuxSupport
import SystemPackage

/// Finds the sidecars of an image: files in the same folder that describe it and bear its name, such as `a.jpg.xmp` or
/// `a.xmp` of `a.jpg`.
struct Sidecars {
    /// A sidecar of an image.
    struct Sidecar {
        let entry: FolderEntry
        let stamp: FileStamp
        /// What follows the image's name or its stem, with the dot.
        let suffix: [UInt8]
        /// True if the sidecar's name begins with the image's stem instead of its whole name.
        let bearsStem: Bool

        /// The sidecar's name after the image was moved, perhaps to another name.
        func name(beside image: FilePath.Component) -> FilePath.Component {
            FilePath.Component(bytes: (bearsStem ? Sidecars.stem(of: image) : image.bytes) + suffix)
        }
    }

    /// Extensions of sidecars: XMP of many programs, Apple's adjustments, Google's JSON, develop settings of RawTherapee,
    /// DxO and ON1, and captions.
    private static let extensions = ["xmp", "aae", "json", "supplemental-metadata.json", "pp3", "dop", "on1", "txt"]

    /// The sidecars of the image that is or was at `image`. A sidecar that bears only the stem belongs to all images of
    /// this stem, and is left out while another one of them is in the folder.
    static func all(of image: FolderEntry) -> [Sidecar] {
        func find(_ beginning: [UInt8], bearsStem: Bool) -> [Sidecar] {
            extensions.flatMap { [$0, $0.uppercased()] }.compactMap { word in
                let suffix = Array(".\(word)".utf8)
                guard let entry = entry(beginning + suffix, beside: image), let found = try? entry.existing(),
                    found.isRegular
                else { return nil }
                return Sidecar(entry: entry, stamp: found.stamp, suffix: suffix, bearsStem: bearsStem)
            }
        }
        let stem = stem(of: image.name)
        var found = find(image.name.bytes, bearsStem: false)
        if stem.count < image.name.bytes.count {
            let shared = find(stem, bearsStem: true)
            if !shared.isEmpty, !hasOtherImage(of: stem, beside: image) { found += shared }
        }
        return found
    }

    private static func hasOtherImage(of stem: [UInt8], beside image: FolderEntry) -> Bool {
        ImageRecognition.extensions.flatMap { [$0, $0.uppercased()] }.contains { word in
            guard let entry = entry(stem + Array(".\(word)".utf8), beside: image) else { return false }
            return (try? entry.existing()) != nil
        }
    }

    /// The entry with this name in the image's folder; nil for the image itself and for a name that is too long.
    private static func entry(_ name: [UInt8], beside image: FolderEntry) -> FolderEntry? {
        guard name.count <= 255, name != image.name.bytes else { return nil }
        return image.folder.entry(FilePath.Component(bytes: name))
    }

    /// The bytes of a name without its extension.
    fileprivate static func stem(of name: FilePath.Component) -> [UInt8] {
        let bytes = name.bytes
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return bytes }
        return Array(bytes[..<dot])
    }
}
