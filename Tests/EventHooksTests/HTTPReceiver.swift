import Foundation
import Synchronization

/// A web server for one test: it accepts POST requests on a free port of the loopback address, one connection at a time.
final class HTTPReceiver: Sendable {
    /// A request as it arrived.
    struct Request: Sendable {
        var head: String
        var body: String

        /// The value of a header; nil if the request has none of this name.
        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
        }
    }

    private let listener: Int32
    private let received = Mutex<[Request]>([])
    let port: Int

    /// All requests until now.
    var requests: [Request] { received.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)/hook" }

    /// - answer: the rest of the status line for the request with this number, counted from 0; nil to close without an
    ///   answer.
    init(answer: @escaping @Sendable (Int, Request) -> String?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            // Only this thread closes the listener: the number of a closed one could be that of another test's.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                if let request = Self.read(connection) {
                    let number = self?.received.withLock { requests in
                        requests.append(request)
                        return requests.count - 1
                    }
                    if let number, let status = answer(number, request) {
                        let text =
                            "HTTP/1.1 \(status)\r\nContent-Length: 2\r\nLocation: /other\r\nConnection: close\r\n\r\nok"
                        _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                    }
                }
                close(connection)
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let request = Request(head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...]))
                if request.body.utf8.count >= Int(request.header("Content-Length") ?? "0") ?? 0 { return request }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
