import Foundation

extension FaultPlan {
    /// The environment variable that passes the plan to another process of a debug build; empty in a release build.
    public var environment: [String: String] {
        #if DEBUG
            [Self.variable: text]
        #else
            [:]
        #endif
    }
}

#if DEBUG
    extension FaultPlan {
        /// The plan of this process. A test can replace it for its own task.
        @TaskLocal public static var current = FaultPlan(
            text: ProcessInfo.processInfo.environment[variable] ?? "")

        /// The name must be longer than 15 bytes, because `scripts/test` searches a release build for it, to check that
        /// the build does not contain it. Swift stores shorter strings inside instructions, where the search could not
        /// find them.
        private static let variable = "SRGAN_INJECTED_FAULTS"

        /// The plan's settings other than faults, by their names in the environment variable.
        private enum Setting: String {
            case fatalStatement, freezeFolder, stallSeconds
        }

        /// The plan as the text of the environment variable: the names of the faults and `setting=value`, separated by
        /// commas.
        private var text: String {
            var words = faults.map { "\($0)" }.sorted()
            func add(_ setting: Setting, _ value: String?) {
                if let value { words.append("\(setting)=\(value)") }
            }
            add(.fatalStatement, fatalStatement.map(String.init))
            add(.freezeFolder, freezeFolder)
            add(.stallSeconds, stallSeconds.map { "\($0)" })
            return words.joined(separator: ",")
        }

        /// Parses the format of `text`. A mistake ends the process, because a test must not pass only because its fault
        /// is misspelled.
        init(text: String) {
            let known = Dictionary(uniqueKeysWithValues: Fault.allCases.map { ("\($0)", $0) })
            for word in text.split(separator: ",") {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2, let setting = Setting(rawValue: parts[0]), set(setting, parts[1]) { continue }
                guard parts.count == 1, let fault = known[parts[0]] else {
                    fatalError("\(Self.variable): \(word) is unknown")
                }
                faults.insert(fault)
            }
        }

        /// Sets one value; returns false when the text is not a value of the setting's type.
        private mutating func set(_ setting: Setting, _ value: String) -> Bool {
            switch setting {
            case .fatalStatement:
                fatalStatement = Int(value)
                return fatalStatement != nil
            case .freezeFolder:
                freezeFolder = value
                return true
            case .stallSeconds:
                stallSeconds = Double(value)
                return stallSeconds != nil
            }
        }
    }
#endif
