import LinuxSupport
import SystemPackage
import TOMLKit

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

    /// Reads the text of a whole file.
    ///
    /// - file: the file's name in the mistakes.
    /// - Throws: `ConfigurationRejected` if the text is not valid TOML.
    package convenience init(text: String, file: String) throws(ConfigurationRejected) {
        func reject(line: Int?, _ problem: String) -> ConfigurationRejected {
            ConfigurationRejected(mistakes: [
                ConfigurationMistake(file: file, line: line, key: "", problem: "is not valid TOML: \(problem).")
            ])
        }
        if let line = TOMLGuard.lineOfMistake(in: text) {
            throw reject(line: line, "there is an unexpected character or bracket")
        }
        let root: TOMLTable
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw reject(line: error.source.begin.line, error.description)
        } catch {
            throw reject(line: nil, "\(error)")
        }
        self.init(
            root, path: "", mistakes: ConfigurationMistakes(file: file, lines: ConfigurationLines(text: text)))
    }

    /// True if the table exists and has this key.
    package func has(_ key: String) -> Bool { table?[key] != nil }

    /// True if the table exists. A table that exists may be empty.
    package var exists: Bool { table != nil }

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

    /// Reads a path, which is relative to the folder `base`; nil if the key is missing.
    package func path(_ key: String, base: FilePath) -> FilePath? {
        string(key).flatMap { path($0, of: key, base: base) }
    }

    /// Reads a path that must be present. If it is missing, the mistake shows the example.
    package func requiredPath(_ key: String, example: String, base: FilePath) -> FilePath? {
        requiredString(key, example: example).flatMap { path($0, of: key, base: base) }
    }

    /// The absolute path that a text stands for. `~` and variables are refused: only a shell replaces them, and a folder
    /// of that name would be created.
    package func path(_ text: String, of key: String, base: FilePath) -> FilePath? {
        guard !text.hasPrefix("~"), !text.hasPrefix("$") else {
            add(
                key,
                "is \"\(text)\", but ~ and $ are not replaced here as in a shell; write the whole path, or ./ before a name that begins so."
            )
            return nil
        }
        return base.pushing(FilePath(text)).lexicallyNormalized()
    }

    /// Reads the name of a file, without a folder; nil if the key is missing.
    package func name(_ key: String) -> FilePath.Component? {
        guard let text = string(key) else { return nil }
        guard let name = FilePath.Component(text), name.kind == .regular else {
            add(key, "must be a file name without a slash, but is \"\(text)\".")
            return nil
        }
        return name
    }

    /// Reads true, false or a path, which is relative to the folder `base`. Nil stands for false and for a missing key;
    /// an inner nil for true.
    package func boolOrPath(_ key: String, base: FilePath) -> FilePath?? {
        if table?[key]?.string != nil { return path(key, base: base).map { .some($0) } }
        return bool(key, default: false) ? .some(nil) : nil
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

    /// Reads a whole number that must be present.
    package func requiredInteger(_ key: String, in range: ClosedRange<Int>, example: Int) -> Int? {
        if table?[key] == nil {
            known.append(key)
            add(key, "is missing; write for example \(key) = \(example).")
            return nil
        }
        return integer(key, in: range)
    }

    /// Reads a number, with or without a decimal point; nil if the key is missing.
    package func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let found = value(key) else { return nil }
        guard let number = found.double ?? found.int.map(Double.init) else {
            add(key, "must be a number, but is \(Self.described(found.type)).")
            return nil
        }
        // The comparison is also false for NaN, which TOML allows.
        guard range.contains(number) else {
            add(key, "must be a number \(Self.described(range)), but is \(number).")
            return nil
        }
        return number
    }

    /// Reads a range of numbers, written as a list of its two ends; nil if the key is missing.
    ///
    /// - range: the numbers that the ends may be.
    package func numbers(_ key: String, in range: ClosedRange<Double>) -> ClosedRange<Double>? {
        guard let found = value(key) else { return nil }
        let ends = found.array?.map { $0.double ?? $0.int.map(Double.init) ?? .nan } ?? []
        guard ends.count == 2, ends.allSatisfy(range.contains), ends[0] <= ends[1] else {
            add(key, "must be two numbers \(Self.described(range)), the smaller one first.")
            return nil
        }
        return ends[0]...ends[1]
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
    ///
    /// - synonyms: further accepted words, with the values for which they stand.
    package func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type, synonyms: [String: Value] = [:]
    ) -> Value? where Value.RawValue == String {
        guard let text = string(key) else { return nil }
        guard let choice = Value(rawValue: text) ?? synonyms[text] else {
            add(key, "must be \(Self.list(Value.allCases.map(\.rawValue))), but is \"\(text)\".")
            return nil
        }
        return choice
    }

    /// Reads a list of the type's words, at least one; nil if the key is missing.
    ///
    /// - synonyms: further accepted words, with the values for which they stand.
    package func choices<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type, synonyms: [String: Value] = [:]
    ) -> [Value]? where Value.RawValue == String {
        guard let words = strings(key) else { return nil }
        if words.isEmpty { add(key, "must name at least one of \(Self.list(Value.allCases.map(\.rawValue))).") }
        return words.compactMap { word in
            if let value = Value(rawValue: word) ?? synonyms[word] { return value }
            add(key, "must contain only \(Self.list(Value.allCases.map(\.rawValue))), but has \"\(word)\".")
            return nil
        }
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

    /// Reads a string, or a list of at least one string; none may be empty. Nil if the key is missing.
    package func stringOrStrings(_ key: String) -> [String]? {
        guard table?[key]?.array != nil else { return string(key).map { [$0] } }
        guard let list = strings(key) else { return nil }
        guard !list.isEmpty, list.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0) }) else {
            add(key, "must be a string or a list of at least one string, and none may be empty.")
            return nil
        }
        return list
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

    private static func described(_ range: ClosedRange<Double>) -> String {
        let isPositive = range.lowerBound == .leastNonzeroMagnitude
        let least = isPositive ? "above 0" : "of at least \(plain(range.lowerBound))"
        switch range.upperBound {
        case .greatestFiniteMagnitude: return least
        case (1.0).nextDown: return "\(least) and below 1"
        case let upper where isPositive: return "\(least) and at most \(plain(upper))"
        case let upper: return "from \(plain(range.lowerBound)) to \(plain(upper))"
        }
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}
