import ModelLocation

extension InboxConfiguration {
    /// The model of an inbox as it is configured.
    package struct ModelChoice: Sendable, Hashable {
        /// The names or paths of the models, which run one after another; most inboxes have one.
        package var models: [String]
        /// The share of the model in a mixture with its fidelity model; nil for no mixture.
        package var texture: Double?
        /// The fidelity model of a mixture; nil if there is no mixture.
        package var fidelityModel: String?

        /// The names or paths of the files that are needed: the models, or the two of a mixture.
        package var files: [String] {
            guard let texture, let fidelityModel, texture < 1 else { return models }
            return texture == 0 ? [fidelityModel] : [fidelityModel] + models
        }

        /// The texture of a mixture of two files; nil if one of the models is used alone.
        package var mixedTexture: Double? { texture.flatMap { $0 > 0 && $0 < 1 ? $0 : nil } }

        /// The name for people, such as "clean,sharp" for a chain or "srgan-x4 (texture 0.5)" for a mixture.
        package var name: String {
            models.joined(separator: ",") + (texture.map { " (texture \($0))" } ?? "")
        }
    }

    /// The model as it is configured.
    package var modelChoice: ModelChoice {
        ModelChoice(models: models, texture: texture, fidelityModel: fidelityModel)
    }
}
