import CLinux
import Glibc
import SystemPackage

/// A thread with a name, for work that blocks or computes.
///
/// Such work must not occupy the thread pool of Swift's concurrency, which has one thread for each core. Foundation's
/// `Thread` is no alternative: it does not report that the system refused the thread, and its work then never runs.
public final class NamedThread: Sendable {
    private let ended = Monitor(false)

    /// Starts a thread.
    ///
    /// - name: at most 15 bytes; `top -H` shows it.
    /// - Throws: `Errno` if the system has no thread or no memory left for it. The same call may succeed later.
    @discardableResult
    public convenience init(name: String, body: @escaping @Sendable () -> Void) throws(Errno) {
        try self.init(name: name, stackSize: 4 << 20, body: body)
    }

    init(name: String, stackSize: Int, body: @escaping @Sendable () -> Void) throws(Errno) {
        let ended = ended
        let work = Work {
            clinux_name_thread(name)
            body()
            ended.change { $0 = true }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        let number = pthread_create(
            &thread, &attributes,
            { argument in
                // The thread releases its work when it ends, together with everything that the work holds.
                Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        guard number == 0 else {
            argument.release()
            throw Errno(rawValue: number)
        }
    }

    /// Starts threads that share one work, named `name-0`, `name-1` and so on. If the system refuses some of them, the
    /// others do all the work.
    ///
    /// - Throws: `Errno` if not even one thread can be started.
    public static func start(
        _ count: Int, name: String, body: @escaping @Sendable () -> Void
    ) throws(Errno) -> [NamedThread] {
        var threads: [NamedThread] = []
        for index in 0..<count {
            do {
                threads.append(try NamedThread(name: "\(name)-\(index)", body: body))
            } catch {
                guard !threads.isEmpty else { throw error }
                break
            }
        }
        return threads
    }

    /// Waits for the thread's end; false when it is still running after the timeout.
    @discardableResult
    public func join(timeout seconds: Double = .infinity) -> Bool {
        ended.wait(until: Monotonic.now + seconds) { $0 ? true : nil } ?? false
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
