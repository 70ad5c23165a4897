import ModelLocation
import SystemPackage

/// The model of an inbox: a model file, a chain of several that run one after another, or a mixture of two.
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

    /// The model files: in the order in which they run, at least one; or the fidelity and the perceptual model of a
    /// mixture.
    package let parts: [Part]
    /// How the files make one model.
    package let combination: ModelCombination
    /// The hash that identifies the model.
    package let sha256: String

    /// Joins model files; `texture` is the share of the second of two in a mixture.
    package init(parts: [Part], texture: Double? = nil) {
        self.parts = parts
        combination = ModelCombination(hashes: parts.map(\.sha256), texture: texture)
        sha256 = combination.sha256
    }
}
