import Foundation
import LinuxSupport
import Testing

/// The expected hashes are those of FIPS 180-2, appendix B.
@Suite struct SHA256Tests {
    @Test func knownHashes() {
        #expect(SHA256.hash([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hash(Data("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let million = repeatElement(UInt8(ascii: "a"), count: 1_000_000)
        #expect(SHA256.hash(million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [1, 63, 64, 65, 4096]) func piecesGiveTheHashOfTheWhole(_ length: Int) {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = SHA256()
        for start in stride(from: 0, to: bytes.count, by: length) {
            bytes[start..<min(bytes.count, start + length)].withUnsafeBytes { hash.update($0) }
        }
        let text = hash.finish()
        #expect(text == SHA256.hash(bytes))
    }
}
