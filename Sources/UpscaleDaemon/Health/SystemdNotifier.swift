import Foundation
import LinuxSupport
import SystemPackage

/// Tells systemd how the service is (sd_notify's protocol: a datagram of KEY=VALUE lines); does nothing elsewhere.
struct SystemdNotifier: Sendable {
    private let socketName: String?
    /// How often the watchdog is to be fed at least, seconds; nil when it is off.
    let watchdogSeconds: Double?

    init(environment: [String: String]) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogSeconds = isForUs ? environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 1_000_000 } : nil
    }

    /// Everything runs.
    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// The configuration is being read again; `ready` ends it.
    func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(UInt64(Monotonic.now * 1_000_000))")
    }

    /// The service is ending.
    func stopping() { send("STOPPING=1\nSTATUS=Finishing what runs") }

    /// All threads move.
    func feedWatchdog() { send("WATCHDOG=1", mayWait: false) }

    /// One line for `systemctl status`.
    func status(_ text: String) { send("STATUS=\(text)", mayWait: false) }

    /// - mayWait: whether to wait, some seconds at most, while the manager has a full line of messages (ten by default) to
    ///   read. What is said again soon is rather dropped: a manager that is busy must not stop the main thread.
    private func send(_ message: String, mayWait: Bool = true) {
        guard let socketName else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An @ in front stands for a NUL: a name in the abstract namespace.
        var name = Array(socketName.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count)
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, bytes, bytes.count,
                    Int32(MSG_NOSIGNAL) | (mayWait ? 0 : Int32(MSG_DONTWAIT)), $0, length)
            }
        }
    }
}
