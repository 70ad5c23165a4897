import LinuxSupport
import SystemPackage

/// The error when none of the searched folders has a model of the given name.
public struct ModelNotFound: Error, Sendable, CustomStringConvertible {
    /// The model's name.
    public let model: String
    /// The names of the models that exist.
    public let known: [String]
    /// The folders that were searched, in order.
    public let folders: [FilePath]
    /// True if the description lists the folders.
    public var listsFolders = false

    /// Creates the error.
    init(model: String, known: [String], folders: [FilePath]) {
        self.model = model
        self.known = known
        self.folders = folders
    }

    /// The error in full sentences, on one line.
    public var description: String {
        var text = "There is no model named \"\(model)\"."
        if let nearest = NearestWord.find(model, among: known) { text += " Did you mean \"\(nearest)\"?" }
        if known.isEmpty {
            text += " No folder has a model; 'srgan model list --verbose' shows the searched folders."
        } else {
            text += " Known models: \(known.joined(separator: ", "))."
        }
        if listsFolders { text += " Searched folders: \(folders.map(\.string).joined(separator: ", "))." }
        return PlainText.clean(text)
    }
}
