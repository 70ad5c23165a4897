import TOMLKit

/// Collects mistakes while a configuration is read, so that one run reports all of them.
package final class ConfigurationMistakes {
    private let file: String
    private let lines: ConfigurationLines
    /// All mistakes, in the order in which they were found.
    package private(set) var all: [ConfigurationMistake] = []

    /// Creates an empty list of the mistakes of one file.
    ///
    /// - file: the file's name in the mistakes.
    /// - lines: finds the line of each mistake.
    package init(file: String, lines: ConfigurationLines) {
        self.file = file
        self.lines = lines
    }

    /// Adds a mistake about a key, which is named by its full path.
    package func add(_ key: String, _ problem: String) {
        all.append(ConfigurationMistake(file: file, line: lines.line(of: key), key: key, problem: problem))
    }

    /// All mistakes in the order of the file; mistakes without a line come first.
    package var sorted: [ConfigurationMistake] {
        all.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }.map(\.element)
    }
}

/// Reads one table strictly: the caller names the type and the allowed range of each key that it reads, and `finish`
/// reports every key that was not read. Each wrong value adds a mistake and reads as if the key were missing.
package final class ConfigurationTable {
    private let table: TOMLTable?
    /// The table's full path, such as `inbox[2]`; empty for the whole file.
    package let path: String
    /// Collects the mistakes of the whole file.
    package let mistakes: ConfigurationMistakes
    private var known: [String] = []

    /// Creates a reader of a table. A table of nil reads as empty.
    package init(_ table: TOMLTable?, path: String, mistakes: ConfigurationMistakes) {
        self.table = table
        self.path = path
        self.mistakes = mistakes
    }

    /// The full path of a key of this table, such as `inbox[2].quality`.
    package func keyPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Adds a mistake about a key of this table.
    package func add(_ key: String, _ problem: String) { mistakes.add(keyPath(key), problem) }

    private func value(_ key: String) -> TOMLValueConvertible? {
        known.append(key)
        return table?[key]
    }

    /// Reads a table inside this one. A missing table reads as empty.
    package func table(_ key: String) -> ConfigurationTable {
        let found = value(key)
        if let found, found.type != .table {
            add(key, "must be a table, [\(key)], but is \(Self.described(found.type)).")
        }
        return ConfigurationTable(found?.table, path: keyPath(key), mistakes: mistakes)
    }

    /// Reads an array of tables. The number in a table's path, such as `inbox[2]`, counts from 1.
    package func tables(_ key: String) -> [ConfigurationTable] {
        guard let found = value(key) else { return [] }
        guard let array = found.array, array.allSatisfy({ $0.type == .table }) else {
            add(key, "must be tables, [[\(key)]], but is \(Self.described(found.type)).")
            return []
        }
        return array.enumerated().map { index, element in
            ConfigurationTable(element.table, path: "\(keyPath(key))[\(index + 1)]", mistakes: mistakes)
        }
    }

    /// Reads a string that is not empty; nil if the key is missing.
    package func string(_ key: String) -> String? {
        guard let found = value(key) else { return nil }
        guard let text = found.string else {
            add(key, "must be a string, but is \(Self.described(found.type)).")
            return nil
        }
        guard !text.isEmpty, !text.utf8.contains(0) else {
            add(key, "must not be empty.")
            return nil
        }
        return text
    }

    /// Reads a string that must be present. If it is missing, the mistake shows the example.
    package func requiredString(_ key: String, example: String) -> String? {
        if table?[key] == nil {
            known.append(key)
            add(key, "is missing; write for example \(key) = \"\(example)\".")
            return nil
        }
        return string(key)
    }

    /// Reads true or false.
    package func bool(_ key: String, default fallback: Bool) -> Bool {
        guard let found = value(key) else { return fallback }
        guard let answer = found.bool else {
            add(key, "must be true or false, but is \(Self.described(found.type)).")
            return fallback
        }
        return answer
    }

    /// Reads a whole number; nil if the key is missing.
    package func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let found = value(key) else { return nil }
        guard let number = found.int else {
            add(
                key,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound), but is \(Self.described(found.type))."
            )
            return nil
        }
        guard range.contains(number) else {
            add(key, "must be from \(range.lowerBound) to \(range.upperBound), but is \(number).")
            return nil
        }
        return number
    }

    /// Reads a whole number or one allowed word. The number is nil for that word and if the key is missing; `word` is
    /// true only for that word.
    package func integer(_ key: String, in range: ClosedRange<Int>, orWord word: String) -> (number: Int?, word: Bool) {
        if let text = table?[key]?.string {
            known.append(key)
            if text == word { return (nil, true) }
            add(
                key,
                "must be \"\(word)\" or a number from \(range.lowerBound) to \(range.upperBound), but is \"\(text)\".")
            return (nil, false)
        }
        return (integer(key, in: range), false)
    }

    /// Reads a number of seconds; nil if the key is missing.
    package func seconds(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let found = value(key) else { return nil }
        guard let number = found.double ?? found.int.map(Double.init) else {
            add(key, "must be a number of seconds, but is \(Self.described(found.type)).")
            return nil
        }
        guard range.contains(number) else {
            add(
                key,
                "must be from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound)) seconds, but is \(number)."
            )
            return nil
        }
        return number
    }

    /// Reads one of the type's words; nil if the key is missing.
    package func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let text = string(key) else { return nil }
        guard let choice = Value(rawValue: text) else {
            add(key, "must be \(Self.list(Value.allCases.map(\.rawValue))), but is \"\(text)\".")
            return nil
        }
        return choice
    }

    /// Reads a list of strings; nil if the key is missing.
    package func strings(_ key: String) -> [String]? {
        guard let found = value(key) else { return nil }
        guard let array = found.array, array.allSatisfy({ $0.type == .string }) else {
            add(key, "must be a list of strings.")
            return nil
        }
        return array.compactMap(\.string)
    }

    /// Reports every key that was not read.
    package func finish() {
        guard let table else { return }
        for key in table.keys where !known.contains(key) {
            add(key, "is not a known key; known here: \(known.sorted().joined(separator: ", ")).")
        }
    }

    /// Joins quoted words for a message: `"a", "b" or "c"`.
    package static func list(_ words: [String]) -> String {
        let quoted = words.map { "\"\($0)\"" }
        return quoted.count < 2 ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + quoted.last!
    }

    private static func described(_ type: TOMLType) -> String {
        type == .array || type == .int ? "an \(type)" : "a \(type)"
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}
