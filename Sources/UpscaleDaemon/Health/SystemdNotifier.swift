import Foundation
import LinuxSupport
import SystemPackage

/// Reports the state of the service to systemd with sd_notify's protocol (a datagram of KEY=VALUE lines). Does nothing
/// if systemd did not start the service.
struct SystemdNotifier: Sendable {
    private let socketName: String?
    /// The longest allowed interval between two feeds of the watchdog, seconds; nil if the watchdog is off.
    let watchdogSeconds: Double?

    init(environment: [String: String]) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogSeconds = isForUs ? environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 1_000_000 } : nil
    }

    /// Reports that the service is ready.
    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// Reports that a reload of the configuration has begun. The next call of `ready` reports its end.
    func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(UInt64(Monotonic.now * 1_000_000))")
    }

    /// Reports that the service is stopping.
    func stopping() { send("STOPPING=1\nSTATUS=Finishing running jobs") }

    /// Feeds systemd's watchdog: reports that all threads make progress.
    func feedWatchdog() { send("WATCHDOG=1", mayWait: false) }

    /// Sets the line that `systemctl status` shows.
    func status(_ text: String) { send("STATUS=\(text)", mayWait: false) }

    /// Sends one datagram to systemd.
    ///
    /// - mayWait: true to wait up to 5 seconds while systemd's message queue (ten messages by default) is full. False
    ///   to drop the message in that case; used for messages that are soon sent again, because a busy systemd must not
    ///   block the main thread.
    private func send(_ message: String, mayWait: Bool = true) {
        guard let socketName else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A leading @ means that the socket is in Linux's abstract namespace. Its real name begins with NUL instead.
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
