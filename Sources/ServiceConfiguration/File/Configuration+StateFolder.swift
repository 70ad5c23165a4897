import ConfigurationFile
import Foundation
import LinuxSupport
import SystemPackage

extension Configuration {
    /// The state folder that a file names, even if the rest of the file has mistakes; nil if it names none.
    ///
    /// If the file is not valid TOML, the lines of the table `[state]` alone are read.
    package static func stateFolder(path: FilePath) -> FilePath? {
        guard let bytes = try? RegularFile.read(path, limit: 1 << 20) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let base = absolute(path).removingLastComponent()
        return (folder(in: text) ?? folder(in: stateTable(of: text)))
            .map { base.pushing(FilePath($0)).lexicallyNormalized() }
    }

    private static func folder(in text: String) -> String? {
        (try? ConfigurationTable(text: text, file: ""))?.table("state").string("directory")
    }

    /// The lines from the header `[state]` to the next header.
    private static func stateTable(of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isHeader = { (line: Substring) in line.drop { $0 == " " || $0 == "\t" }.hasPrefix("[") }
        let start = lines.firstIndex { isHeader($0) && $0.filter { !" \t".contains($0) }.hasPrefix("[state]") }
        guard let start else { return "" }
        return ([lines[start]] + lines[(start + 1)...].prefix { !isHeader($0) }).joined(separator: "\n")
    }
}
