import CCurl
import COpenSSL
import Foundation
import LinuxSupport
import SystemPackage

/// Sends events to a web server as signed POST requests.
struct Webhook: Sendable {
    let url: String
    /// The file with the key of the signatures; nil: requests are not signed.
    let secretFile: FilePath?
    /// The longest time of a request, seconds.
    let timeoutSeconds: Double

    /// Sends one event. Any answer but 200 to 299 is a failure.
    ///
    /// - Throws: `HookError`.
    func send(_ delivery: Delivery, now: Date) throws(HookError) {
        var headers = [
            "Content-Type: application/json", "User-Agent: srgan-notify/\(ProgramVersion.current)",
            "X-Srgan-Event: \(delivery.event)", "X-Srgan-Kind: \(delivery.kind)",
            // The same for each attempt, so that the receiver can drop what it has already.
            "Idempotency-Key: \(delivery.hook)-\(delivery.event)",
        ]
        if let secretFile {
            let time = Int(now.timeIntervalSince1970)
            let signature = Self.signature(of: delivery.body, time: time, key: try Self.key(in: secretFile))
            headers.append("X-Srgan-Signature: t=\(time),v1=\(signature)")
        }
        var problem = [CChar](repeating: 0, count: 512)
        let body = Array(delivery.body.utf8)
        let lines = headers.map { strdup($0) }
        defer { lines.forEach { free($0) } }
        let status = (lines.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { lines in
            ccurl_post(url, lines.baseAddress, body, body.count, timeoutSeconds, &problem, problem.count)
        }
        switch status {
        case 200..<300: return
        case 0:
            throw HookError(
                "No answer: \(String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))."
            )
        case 300..<400: throw HookError("The server answered \(status), a redirection, which is not followed.")
        default: throw HookError("The server answered \(status).")
        }
    }

    /// The key: the file's bytes without line ends at the end.
    private static func key(in file: FilePath) throws(HookError) -> [UInt8] {
        do {
            var key = Array(try RegularFile.read(file, limit: 65_536))
            while let last = key.last, last == 10 || last == 13 { key.removeLast() }
            guard !key.isEmpty else { throw HookError("The secret file \(file.escaped) is empty.") }
            return key
        } catch let error as HookError {
            throw error
        } catch {
            throw HookError("The secret file cannot be read: \(error)")
        }
    }

    /// HMAC-SHA256 over `TIME.BODY`, as lower-case hexadecimal text. The time prevents that a request which somebody
    /// has recorded is accepted again later.
    static func signature(of body: String, time: Int, key: [UInt8]) -> String {
        let text = Array("\(time).\(body)".utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        _ = HMAC(EVP_sha256(), key, Int32(key.count), text, text.count, &digest, &count)
        return Hexadecimal.text(digest[..<Int(count)])
    }
}
