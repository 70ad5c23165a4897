import ModelLocation
import SystemPackage

/// The model of an inbox: a model file, or a chain of several that run one after another.
package struct ResolvedModel: Sendable, Equatable {
    /// A model file.
    package struct Part: Sendable, Equatable {
        /// The model's name or path, as configured.
        package let name: String
        /// The absolute path of the model file.
        package let path: FilePath
        /// The SHA-256 of the file, lower-case hexadecimal.
        package let sha256: String

        /// Describes a model file.
        package init(name: String, path: FilePath, sha256: String) {
            self.name = name
            self.path = path
            self.sha256 = sha256
        }
    }

    /// The model files in the order in which they run, at least one.
    package let parts: [Part]
    /// The hash that identifies the model: that of its file, or of the list of a chain's hashes.
    package let sha256: String

    /// Joins model files.
    package init(parts: [Part]) {
        self.parts = parts
        sha256 = ModelChain.sha256(of: parts.map(\.sha256))
    }
}
