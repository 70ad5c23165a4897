import LinuxSupport
import SystemPackage
import Testing

@Suite struct TextTests {
    @Test func hexadecimalKeepsZeros() {
        #expect(Hexadecimal.text([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(JSONValue.string("\u{7F}\u{202E}").text == "\"\\u007f\\u202e\"")
    }

    /// A text keeps its backslashes; in a name they are doubled, because there `\x1b` could be four characters.
    @Test func namesAndTextsAreEscaped() {
        #expect(EscapedBytes.text(Array("a\n\t\\\u{1B}é".utf8) + [0xFF]) == "a\\n\\t\\\\\\x1bé\\xff")
        #expect(PlainText.clean("a\n\\\u{1B}é\u{202E}") == "a\\x0a\\\\x1bé\\xe2\\x80\\xae")
        #expect(PlainText.clean("a\nb", keepingNewlines: true) == "a\nb")
        #expect(FilePath(bytes: [0x61, 0xFF]).bytes == [0x61, 0xFF])
    }

    @Test(arguments: [1, 2, 3, 100]) func linesAreCutWhateverThePieces(_ length: Int) {
        let bytes = Array("one\n\nthree is long\nlast".utf8)
        var buffer = LineBuffer(longest: 5)
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
            buffer.append(bytes[start..<min(bytes.count, start + length)])
            while let line = buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "three"])
        #expect(buffer.count == 4)
        #expect(buffer.rest() == Array("last".utf8))
        #expect(buffer.rest() == nil)
    }
}
