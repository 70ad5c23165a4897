import SystemPackage
import Testing

@testable import LinuxSupport

@Suite struct NamedThreadTests {
    /// Without this error, somebody would wait for ever for a thread that never runs.
    @Test func aRefusedThreadIsAnError() {
        #expect(throws: Errno.resourceTemporarilyUnavailable) {
            try NamedThread(name: "too large", stackSize: 1 << 50) {}
        }
    }

    @Test func threadsShareOneWork() throws {
        let count = Monitor(0)
        let threads = try NamedThread.start(3, name: "shared") { count.change { $0 += 1 } }
        #expect(threads.count == 3)
        for thread in threads { #expect(thread.join(timeout: 60)) }
        #expect(count.withLock { $0 } == 3)
    }

    @Test func theWorkIsReleasedAtTheEnd() throws {
        final class Held: Sendable {}
        var held: Held? = Held()
        weak let watched = held
        let thread = try NamedThread(name: "holding") { [held] in withExtendedLifetime(held) {} }
        held = nil
        #expect(thread.join(timeout: 60))
        let deadline = Monotonic.now + 60
        while watched != nil && Monotonic.now < deadline {}
        #expect(watched == nil)
    }
}
