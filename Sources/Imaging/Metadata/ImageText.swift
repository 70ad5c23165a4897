/// A text in an image file: a PNG text or a JPEG comment.
public struct ImageText: Sendable, Equatable {
    /// The keyword, such as "Title"; "Comment" for a JPEG comment.
    public var keyword: String
    /// The text.
    public var text: String
    /// The PNG chunk that the text came from, which is written to PNG files as it was; nil for another format's text.
    var chunk: Chunk?

    /// A chunk of a PNG file.
    struct Chunk: Equatable {
        var name: String
        var data: [UInt8]
    }

    /// Makes a text that came from no PNG file.
    public init(keyword: String, text: String) {
        self.keyword = keyword
        self.text = text
    }

    /// Decodes bytes as UTF-8 if they are valid, or else as Latin-1.
    static func decoded(_ bytes: some Sequence<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
    }

    /// Decodes bytes as Latin-1.
    static func latin1(_ bytes: some Sequence<UInt8>) -> String {
        bytes.reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }
    }
}
