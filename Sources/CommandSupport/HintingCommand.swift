import ArgumentParser

/// A command that explains options which it does not have, but which people try.
public protocol HintingCommand: ParsableCommand {
    /// The hint for each such option: `["-o": "OUTPUT is the second argument."]`.
    static var hints: [String: String] { get }
}
