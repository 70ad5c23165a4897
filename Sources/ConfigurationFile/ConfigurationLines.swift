/// Finds the line of a key in the text of a TOML file.
///
/// TOMLKit gives the positions of syntax errors, but not of values. So this type scans the text once for table headers
/// and keys. A line within a multi-line string can look like a key and make a reported line number wrong. The values of
/// the configuration do not come from this scan.
package struct ConfigurationLines {
    /// The line of each key. A key is named by its full path, such as `inbox[2].quality`; inboxes are counted from 1.
    private var lineOfKey: [String: Int] = [:]

    /// Scans a file's text.
    package init(text: String) {
        var table = ""
        var occurrences: [String: Int] = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, rawLine) in lines.enumerated() {
            let line = rawLine.drop(while: { $0 == " " || $0 == "\t" })
            if line.hasPrefix("[["), let end = line.range(of: "]]") {
                let name = Self.plain(line[line.index(line.startIndex, offsetBy: 2)..<end.lowerBound])
                occurrences[name, default: 0] += 1
                table = "\(name)[\(occurrences[name]!)]"
                lineOfKey[table] = index + 1
            } else if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                table = Self.plain(line[line.index(after: line.startIndex)..<end])
                lineOfKey[table] = lineOfKey[table] ?? index + 1
            } else if let equals = line.firstIndex(of: "="), !line.hasPrefix("#") {
                let key = Self.plain(line[..<equals])
                guard !key.isEmpty, key.allSatisfy(Self.isKeyCharacter) else { continue }
                let path = table.isEmpty ? key : "\(table).\(key)"
                lineOfKey[path] = lineOfKey[path] ?? index + 1
            }
        }
    }

    /// The line of a key. If the key is missing, the line of the table that should contain it; nil if the table is
    /// missing too.
    package func line(of key: String) -> Int? {
        var path = Substring(key)
        while true {
            if let line = lineOfKey[String(path)] { return line }
            guard let dot = path.lastIndex(of: ".") else { return nil }
            path = path[..<dot]
        }
    }

    private static func plain(_ text: Substring) -> String {
        text.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "'" }
    }

    private static func isKeyCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-" || character == "."
    }
}

extension Substring {
    /// The first occurrence of a short text. The standard library offers this for strings only through Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
