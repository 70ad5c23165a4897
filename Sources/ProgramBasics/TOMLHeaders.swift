/// A check of TOML's table headers before the parser sees them.
///
/// toml++ 3.4.0, which TOMLKit carries, ends the process by an assertion when a header begins with no key: `[#]`, `[.a]`, `[[=`.
/// A slip of the finger in a configuration must get a message instead.
public enum TOMLHeaders {
    /// The line, counted from 1, of the first header that begins with no key; nil where there is none.
    ///
    /// A list inside a list or a text over several lines that looks so is reported as well; no configuration of ours has one.
    public static func lineOfKeylessHeader(in text: String) -> Int? {
        var line = 1
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while next != nil {
            // At the beginning of a line, or of the file with its mark of byte order.
            while let scalar = next, isSpace(scalar) { next = scalars.next() }
            if next == "[" {
                next = scalars.next()
                while let scalar = next, isSpace(scalar) { next = scalars.next() }
                if next == "[" {
                    next = scalars.next()
                    while let scalar = next, isSpace(scalar) { next = scalars.next() }
                }
                // A header without any name has a message of the parser's own.
                if let scalar = next, !beginsKey(scalar), scalar != "]" { return line }
            }
            while let scalar = next, !isLineBreak(scalar) { next = scalars.next() }
            if next == "\n" { line += 1 }
            if next != nil { next = scalars.next() }
        }
        return nil
    }

    private static func beginsKey(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "\"", "'": true
        default: false
        }
    }

    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        (0x0A...0x0D).contains(scalar.value) || scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace && !isLineBreak(scalar) || scalar.value == 0xFEFF
    }
}
